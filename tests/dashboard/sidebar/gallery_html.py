"""Parser for the HTML of the gallery and of the table of classes."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Example:
    """One example of the gallery."""

    wrong: bool
    picture: bytes = b""
    alt: str = ""
    words: str = ""
    struck: str = ""


@dataclass
class Reader(HTMLParser):
    """Collects the examples and the table cells of a piece of HTML."""

    examples: list[Example] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        if tag == "figure":
            self.examples.append(Example("data-wrong" in found))
        elif tag == "img":
            self.examples[-1].picture = b64decode(found["src"].removeprefix("data:image/png;base64,"), validate=True)
            self.examples[-1].alt = found["alt"]
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "i":
            self.widths.append(float(re.fullmatch(r"width:([\d.]+)%", found["style"])[1]))
        if tag != "img":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "the tags are nested correctly"

    def handle_data(self, data: str) -> None:
        if "figcaption" in self._open:
            if "s" in self._open:
                self.examples[-1].struck += data
            else:
                self.examples[-1].words += data
        elif self.rows and self._open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader._open
    return reader
