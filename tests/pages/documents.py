"""The Markdown files of this repository, taken apart for the tests that hold them to the truth."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.reading import ROOT

PAGES = sorted(
    path
    for folder in (".", ".github", "docs")
    for path in (ROOT / folder).rglob("*.md")
    if folder != "." or path.parent == ROOT
)
REQUEST = Draft202012Validator(json.loads((ROOT / "docs/request.schema.json").read_text()))
COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, and what the comment right above it says, or nothing."""

    page: Path
    line: int
    language: str
    content: str
    comment: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Link:
    page: Path
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line} → {self.target}"


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text())


def blocks(*languages: str) -> list[Block]:
    """Give every fenced block of every page, or those of some languages."""
    found = [block for page in PAGES for block in _blocks(page)]
    return [block for block in found if block.language in languages] if languages else found


def _blocks(page: Path) -> Iterator[Block]:
    comment = ""
    for token in tokens(page):
        if token.type == "fence" and token.map:
            yield Block(page, token.map[0] + 1, token.info.strip(), token.content, comment)
        said = COMMENT.fullmatch(token.content.strip()) if token.type == "html_block" else None
        comment = said[1] if said else ""


def links() -> list[Link]:
    return [link for page in PAGES for link in _links(page)]


def _links(page: Path) -> Iterator[Link]:
    for line, token in _inline(page):
        target = token.attrGet({"link_open": "href", "image": "src"}.get(token.type, ""))
        if target is not None:
            yield Link(page, line, str(target))


def phrases(page: Path) -> Iterator[tuple[int, str]]:
    """Give the code inside of sentences, with its line."""
    return ((line, token.content) for line, token in _inline(page) if token.type == "code_inline")


def _inline(page: Path) -> Iterator[tuple[int, Token]]:
    for token in tokens(page):
        line = token.map[0] + 1 if token.map else 0
        yield from ((line, child) for child in token.children or ())


@cache
def anchors(page: Path) -> set[str]:
    """Give the fragments that lead to the headings of a page."""
    found = tokens(page)
    return set(
        fragments(found[number + 1].content for number, token in enumerate(found) if token.type == "heading_open")
    )


def fragments(headings: Iterable[str]) -> list[str]:
    """Give what GitHub makes of headings: small letters, dashes for spaces, no other signs, numbers for repetitions."""
    plain = (re.sub(r"[`*]|\]\(.*?\)", "", heading).lower() for heading in headings)
    found = [re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain]
    before = (found[:place].count(name) for place, name in enumerate(found))
    return [f"{name}-{count}" if count else name for name, count in zip(found, before, strict=True)]
