"""The pages of the book as they were built."""

import dataclasses
import functools
import html.parser
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / "target/book"
LANGUAGES = ("fr", "en")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclasses.dataclass
class Page:
    """What a reader meets on a page. `blocks` and `inline` are code; `text` is the rest of its own language."""

    path: pathlib.Path
    language: str
    links: list = dataclasses.field(default_factory=list)
    loads: list = dataclasses.field(default_factory=list)
    images: list = dataclasses.field(default_factory=list)
    anchors: set = dataclasses.field(default_factory=set)
    headings: list = dataclasses.field(default_factory=list)
    blocks: list = dataclasses.field(default_factory=list)
    inline: list = dataclasses.field(default_factory=list)
    tables: list = dataclasses.field(default_factory=list)
    text: str = ""

    @property
    def name(self):
        return self.path.name


class Reader(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.page, self.open = page, []

    def within(self, *tags):
        return any(tag in tags for tag, _ in self.open)

    def foreign(self):
        return any(attributes.get("lang", self.page.language) != self.page.language for _, attributes in self.open)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        page = self.page
        if "id" in attributes:
            page.anchors.add(attributes["id"])
        if tag == "a" and "href" in attributes:
            page.links.append(attributes["href"])
        if tag == "img" and self.within("main"):
            page.images.append((attributes["src"], attributes.get("alt", "")))
        if tag in ("script", "img") and "src" in attributes:
            page.loads.append(attributes["src"])
        if tag == "link":
            page.loads.append(attributes["href"])
        if self.within("main"):
            if tag in ("h1", "h2", "h3", "h4"):
                page.headings.append(tag)
            if tag == "code":
                kind = [name.removeprefix("language-") for name in attributes.get("class", "").split() if name.startswith("language-")]
                (page.blocks if self.within("pre") else page.inline).append([kind[0] if kind else "", ""])
            if tag == "table":
                page.tables.append([])
            if tag == "tr":
                page.tables[-1].append([])
            if tag in ("td", "th"):
                page.tables[-1][-1].append("")
        if tag not in VOID:
            self.open.append((tag, attributes))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        page = self.page
        if not self.within("main"):
            return
        if self.within("td", "th"):
            page.tables[-1][-1][-1] += data
        if self.within("code"):
            (page.blocks if self.within("pre") else page.inline)[-1][1] += data
        elif not self.foreign() and not self.within("script", "style", "pre"):
            page.text += data


@functools.cache
def read(language, name):
    path = BUILT / language / name
    page = Page(path, language)
    Reader(page).feed(path.read_text())
    return page


def names(language):
    """Every page that has a place in the book; 404 and the list of pages for old browsers have none."""
    return sorted(path.name for path in (BUILT / language).glob("*.html") if path.name not in ("404.html", "toc.html"))


def every():
    return [read(language, name) for language in LANGUAGES for name in names(language)]
