"""A relay, a simulated terminal and the README's tills, all real programs in a folder of their own."""

import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
RELAY = os.environ["CAISSE_RELAY_BIN"]
PATIENCE = 30


class Language:
    """One of the two tills: the README's block, and the files that stand beside it."""

    def __init__(self, name, program, folder, file):
        self.name = name
        self.command = [program, file]
        self.folder = ROOT / "web-client/examples" / folder
        self.file = file
        self.text = README.split(f"```{name}\n", 1)[1].split("```", 1)[0]
        self.sources = [self.text] + [path.read_text() for path in sorted(self.folder.iterdir()) if path.is_file()]


LANGUAGES = [
    Language("python", sys.executable, "python", "till.py"),
    Language("php", "php", "php", "till.php"),
]


class Shop:
    """`steps`: what the terminal does, as in its script; without, the amounts say it."""

    def __init__(self, test, language, steps=()):
        self.test, self.language = test, language
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caisse-relay-till-"))
        test.addCleanup(shutil.rmtree, self.folder)
        self.ledger = self.folder / "ledger.jsonl"
        script = []
        if steps:
            path = self.folder / "script.toml"
            path.write_text("\n".join(f"[[step]]\n{step}\n" for step in steps))
            script = ["--script", path]
        terminal = self.start("simulate", "--listen", "127.0.0.1:0", "--ledger", self.ledger, *script)[1]
        self.config = self.folder / "caisse-relay.toml"
        port = terminal["address"].rsplit(":", 1)[1]
        terminals = f'[[terminals]]\nname = "comptoir"\naddress = "127.0.0.1"\nport = {port}\n'
        self.config.write_text(f'data_dir = "data"\n{terminals}')
        self.url = "wss://127.0.0.1:0/till"
        self.open()
        self.authority = self.folder / "data/ca/ca.pem"

    def open(self):
        """Starts the relay, on the port that it had."""
        address = self.url.split("/")[2]
        self.relay, listening = self.start("run", "--config", self.config, "--listen", address)
        self.url = listening["url"]

    def start(self, *words):
        command = [RELAY, *map(str, words), "--json"]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.test.addCleanup(end, child)
        return child, json.loads(child.stdout.readline())

    def till(self, amount, reference, authority=None):
        """The README's till, with this relay's address and authority written into it."""
        text = self.language.text
        for before, after in [("wss://127.0.0.1:9443/till", self.url), ("ca.pem", str(authority or self.authority))]:
            self.test.assertEqual(text.count(before), 1, before)
            text = text.replace(before, after)
        for file in self.language.folder.iterdir():
            if file.is_file():
                shutil.copy(file, self.folder)
        (self.folder / self.language.file).write_text(text)
        pipes = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.PIPE)
        command = [*self.language.command, str(amount), reference]
        child = subprocess.Popen(command, cwd=self.folder, text=True, **pipes)
        self.test.addCleanup(end, child)
        return child

    def sells(self, amount, reference="TICKET-1", answers="", **more):
        """A sale from its beginning to its end; what the till showed."""
        till = self.till(amount, reference, **more)
        shown, complaint = till.communicate(answers, timeout=PATIENCE)
        self.test.assertEqual(till.returncode, 0, complaint)
        return shown.replace("\u00a0", " ")

    def books(self):
        """Every sale in the till's books: reference, outcome, charged, paid, over."""
        with sqlite3.connect(self.folder / "sales.db") as books:
            rows = books.execute("select reference, outcome, charged, paid, over from card order by rowid").fetchall()
        books.close()
        return [(*row[:4], bool(row[4])) for row in rows]

    def charges(self):
        """The amounts that the terminal has really charged."""
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        return [charge["amount"] for charge in map(json.loads, lines) if charge["charged"]]

    def journal(self):
        """The relay's record."""
        command = [RELAY, "journal", "export", "--format", "json", "--config", str(self.config)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [json.loads(line) for line in said.splitlines()]

    def waits_for(self, what, of):
        deadline = time.monotonic() + PATIENCE
        while not of():
            self.test.assertLess(time.monotonic(), deadline, f"{what} did not come")
            time.sleep(0.02)

    def waits_until_sent(self):
        """Until the terminal has the request of one payment."""
        self.waits_for("the request", lambda: any(one["step"] == "sent" for one in self.journal()))


def end(child):
    """As a power cut would."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            pipe.close()


def said_by(sources):
    """The messages that these sources write, as their type and the names of their fields."""
    for source in sources:
        for message in re.findall(r"""[{\[](['"]type['"](?: =>|:)[^{}\[\]]*(?:\[[^\]]*\][^{}\[\]]*)*)[}\]]""", source):
            keys = re.findall(r"""['"](\w+)['"](?= =>|:)""", message)
            kind = re.match(r"""['"]type['"](?: =>|:) ['"](\w+)['"]""", message)[1]
            yield kind, set(keys)


def read_by(sources):
    """The names of the fields that these sources read of the relay's messages."""
    for source in sources:
        yield from re.findall(r"""\b(?:told|heard)(?:\[|\.get\()['"](\w+)['"]""", source)
