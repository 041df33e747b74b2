"""What the book says can be followed: its links, its commands, its configurations."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest
import urllib.parse

from pages import BUILT, LANGUAGES, ROOT, every, names, read

RELAY = os.environ["CAISSE_RELAY_BIN"]
WORDS = sorted(path.name for path in (ROOT / "docs/fr/words").glob("*.md"))


def relay(*words, home=None):
    """Runs the program at a home of its own."""
    env = {"PATH": os.environ["PATH"], "HOME": home or "/nonexistent"}
    return subprocess.run([RELAY, *words], capture_output=True, text=True, env=env, timeout=60)


class Links(unittest.TestCase):
    def test_they_lead_somewhere(self):
        count = 0
        for page in every():
            for link in page.links:
                url = urllib.parse.urlsplit(link)
                if url.scheme or link.startswith("//"):
                    continue
                count += 1
                target = (page.path.parent / urllib.parse.unquote(url.path)).resolve() if url.path else page.path
                self.assertTrue(target.is_relative_to(BUILT), f"{page.path}: {link} leaves the book")
                self.assertTrue(target.is_file(), f"{page.path}: {link}")
                if url.fragment and target.suffix == ".html":
                    anchors = read(target.parent.name, target.name).anchors
                    self.assertIn(urllib.parse.unquote(url.fragment), anchors, f"{page.path}: {link}")
        self.assertGreater(count, 200)

    def test_those_of_others_are_well_formed(self):
        for page in every():
            for link in page.links:
                url = urllib.parse.urlsplit(link)
                if url.scheme:
                    self.assertEqual(url.scheme, "https", f"{page.path}: {link}")
                    self.assertRegex(url.netloc, r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", f"{page.path}: {link}")

    def test_nothing_is_loaded_from_elsewhere(self):
        for page in every():
            for source in page.loads:
                self.assertTrue((page.path.parent / source).is_file(), f"{page.path}: {source}")

    def test_pictures_are_described_and_small(self):
        count = 0
        for page in every():
            for source, alt in page.images:
                count += 1
                self.assertGreater(len(alt), 10, f"{page.path}: {source}")
                self.assertLess((page.path.parent / source).stat().st_size, 60_000, source)
        self.assertGreaterEqual(count, 20)

    def test_every_picture_is_shown(self):
        for language in LANGUAGES:
            shown = {pathlib.PurePath(source).name for name in names(language) for source, _ in read(language, name).images}
            self.assertEqual(shown, {path.name for path in (BUILT / language / "pictures").iterdir()})


class Languages(unittest.TestCase):
    def test_both_have_the_same_pages(self):
        self.assertEqual(names("fr"), names("en"))
        self.assertGreaterEqual(len(names("fr")), 14)

    def test_their_pages_have_the_same_headings_and_pictures(self):
        for name in names("fr"):
            french, english = read("fr", name), read("en", name)
            self.assertEqual(french.headings, english.headings, name)
            self.assertEqual([source for source, _ in french.images], [source for source, _ in english.images], name)

    def test_each_page_leads_to_the_other_language(self):
        for page in every():
            other = "en" if page.language == "fr" else "fr"
            self.assertIn(f"../{other}/index.html", page.links, page.path)

    def test_french_lines_do_not_break_before_their_marks(self):
        for name in names("fr"):
            found = re.search(r".{0,20}(?:« | [;:?!»]).{0,20}", read("fr", name).text)
            self.assertIsNone(found, f"{name}: {found and found[0]!r}")

    def test_the_configuration_has_the_same_keys_and_defaults(self):
        def first_cells(table, count):
            return [row[:count] for row in table[1:]]

        french, english = read("fr", "configuration.html").tables, read("en", "configuration.html").tables
        self.assertEqual([len(table) for table in french], [len(table) for table in english])
        self.assertEqual([row[0] for row in french[0]][1:], [row[0] for row in english[0]][1:])
        self.assertEqual(first_cells(french[1], 2), first_cells(english[1], 2))


class Commands(unittest.TestCase):
    def setUp(self):
        self.helps = {}
        folder = tempfile.TemporaryDirectory(prefix="caisse-relay-book-")
        self.addCleanup(folder.cleanup)
        # Below are the headings of a help in English.
        self.english = str(pathlib.Path(folder.name, "caisse-relay.toml"))
        pathlib.Path(self.english).write_text('lang = "en"\n')

    def help_of(self, words):
        """The names of the subcommands that a command line goes through, and the help of the last."""
        path = []
        while True:
            key = tuple(path)
            if key not in self.helps:
                self.helps[key] = relay(*path, "--help", "--config", self.english).stdout
            commands = re.search(r"^Commands:\n((?:  .*\n)+)", self.helps[key], re.M)
            known = re.findall(r"^  (\S+)", commands[1], re.M) if commands else []
            if len(path) < len(words) and words[len(path)] in known:
                path.append(words[len(path)])
            else:
                return path, self.helps[key]

    def parses(self, line, whole):
        """`whole`: nothing that the command needs may be missing."""
        words = shlex.split(line.split(" # ")[0])[1:]
        said = relay(*words, "--help")
        self.assertEqual(said.returncode, 0, f"{line}\n{said.stderr}")
        path, text = self.help_of(words)
        self.assertTrue(path or not words or words[0].startswith("-"), f"{line}: no such command")
        if not whole:
            return
        usage = next(part for part in re.findall(r"^(?:Usage:|      ) (.*)", text, re.M) if part)
        self.assertNotRegex(usage, r"<COMMAND>$" if "\n       " not in text else r"$^", f"{line}: which?")
        required = re.sub(r"\[[^\]]*\]", "", usage)
        for flag in re.findall(r"(--[\w-]+)", required):
            self.assertIn(flag, words, line)
        takes = set(re.findall(r"(--[\w-]+) <", text))
        rest, given = words[len(path):], []
        while rest:
            word = rest.pop(0)
            if word in takes:
                rest.pop(0)
            elif not word.startswith("-"):
                given.append(word)
        wanted = re.findall(r"<\w+>", re.sub(r"--[\w-]+ <[^>]*>", "", required))
        self.assertGreaterEqual(len(given), len([one for one in wanted if one != "<COMMAND>"]), f"{line}: {usage}")

    def test_those_in_blocks_are_whole(self):
        count = 0
        for page in every():
            for kind, text in page.blocks:
                if kind in ("sh", "bash", "console"):
                    for line in text.splitlines():
                        if line.startswith("caisse-relay"):
                            count += 1
                            self.parses(line, whole=True)
        self.assertGreaterEqual(count, 40)

    def test_those_in_sentences_are_known(self):
        count = 0
        for page in every():
            for _, text in page.inline:
                if re.match(r"caisse-relay [a-z]", text):
                    count += 1
                    self.parses(text, whole=False)
        self.assertGreaterEqual(count, 40)

    def test_a_wrong_one_would_be_seen(self):
        for wrong in ("caisse-relay serve", "caisse-relay pay", "caisse-relay origins allow", "caisse-relay doctor --fast"):
            with self.subTest(wrong), self.assertRaises(AssertionError):
                self.parses(wrong, whole=True)


class Configurations(unittest.TestCase):
    def load(self, text):
        with tempfile.TemporaryDirectory(prefix="caisse-relay-book-") as folder:
            file = pathlib.Path(folder, "caisse-relay.toml")
            file.write_text(text)
            command = [RELAY, "doctor", "--config", str(file), "--data-dir", f"{folder}/data", "--json"]
            # It tells of the configuration first, and then looks for the terminals.
            doctor = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={"HOME": folder})
            with doctor:
                said = next(one for one in map(json.loads, doctor.stdout) if one["code"].startswith("config_"))
                doctor.kill()
            return said

    def test_every_one_loads(self):
        count = 0
        for page in every():
            for kind, text in page.blocks:
                if kind == "toml":
                    count += 1
                    said = self.load(text)
                    self.assertNotEqual(said["state"], "failure", f"{page.path}\n{text}\n{said['message']}")
        self.assertGreaterEqual(count, 8)

    def test_a_wrong_one_would_be_seen(self):
        self.assertEqual(self.load("lissen = 1\n")["code"], "config_broken")


class Codes(unittest.TestCase):
    """tests/it/book.rs and web-client/test/book.test.js compare the tables with the program."""

    def test_each_one_is_on_the_page_of_trouble(self):
        for language in LANGUAGES:
            shown = {text for _, text in read(language, "troubleshooting.html").inline}
            self.assertEqual(WORDS, sorted(path.name for path in (ROOT / "docs" / language / "words").glob("*.md")))
            for file in set(WORDS) - {"amounts.md"}:
                rows = (ROOT / "docs" / language / "words" / file).read_text().splitlines()[2:]
                self.assertGreaterEqual(len(rows), 5, file)
                for row in rows:
                    self.assertIn(re.match(r"\| `([^`]+)` \|", row)[1], shown, (language, file))

    def test_each_close_code_too(self):
        protocol = (ROOT / "web-client/PROTOCOL.md").read_text().split("## Close codes")[1]
        codes = re.findall(r"^\| (\d{4}) \|", protocol, re.M)
        self.assertGreaterEqual(len(codes), 6)
        for language in LANGUAGES:
            shown = {text for _, text in read(language, "troubleshooting.html").inline}
            self.assertLessEqual(set(codes), shown)


class Paper(unittest.TestCase):
    def test_the_cashiers_page_is_one_sheet(self):
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory(prefix="caisse-relay-book-") as folder:
                sheet = pathlib.Path(folder, "sheet.pdf")
                page = (BUILT / language / "cashier.html").as_uri()
                command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
                command += ["--no-pdf-header-footer", f"--print-to-pdf={sheet}", page]
                subprocess.run(command, check=True, capture_output=True, timeout=120)
                self.assertEqual(len(re.findall(rb"/Type\s*/Page\b", sheet.read_bytes())), 1, language)


if __name__ == "__main__":
    unittest.main()
