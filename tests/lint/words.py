"""Words that we do not use in prose, and the search for them."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

UNUSED = {
    "heed, heeds, heeded": "respect",
    "mend, mends, mended": "fix, repair",
    "foretell, foretells": "forecast",
    "put right": "repair",
    "make whole, makes whole, made whole": "restore; put on one version",
    "take back, takes back, taken back, takes it back": "revert, roll back",
    "nobody takes": "Tidegate never reverts",
    "divided between, are divided, is divided, divides an alias, divides traffic": "split",
    "bare function": "unqualified function",
    "circle of trust": "trust domain",
    "held by release": "locked by release",
    "poisoned item": "malformed item",
    "at the next look, at its next look": "at the next check",
    "look whether, looks whether": "check whether",
    "look again with, look again now": "to follow it; check now",
    "have it thawed, have it created, have the release": "thaw it, create it, let the release",
    "what becomes of, what became of": "the outcome of, events of",
    "asks for a go, ask for a go": "waits for approval",
    "goes on, go on, went on": "continues",
    "bakes on, bake on": "bakes longer",
    "all the same": "still",
    "of its own, of their own, of one's own": "its own, separate, custom",
    "for want of": "for lack of",
    "tells of, tell of, told of": "reports, contains",
    "nobody knows": "is unknown",
    "anew, afresh": "again",
    "holds the alias, hold the alias": "has locked the alias",
    "frees the, free the": "releases the, unlocks the",
    "put to the test": "tested",
    "takes its place, take its place": "supersedes, replaces",
    "is over already": "has ended, is in the past",
    "knows too little, know too little, too little is known, too little was known": "is inconclusive",
    "could likely, would likely": "probably",
    "got no traffic, gets no traffic": "received no traffic",
    "bring along, brings along, brought along": "contain",
    "once more": "again",
    "in vain": "without effect",
    "unless told otherwise": "the default is",
    "however often it comes": "duplicates are ignored",
}
"""Words and phrases, with commas between them, and what to write instead."""


class Found(NamedTuple):
    """A phrase that we do not use, and its place."""

    path: str
    line: int
    phrase: str
    instead: str


class Words:
    """A search for words, in any case and over line breaks."""

    def __init__(self, unused: dict[str, str]) -> None:
        self._instead = {phrase: instead for phrases, instead in unused.items() for phrase in phrases.split(", ")}
        phrases = (phrase.replace(" ", r"[\s#]+") for phrase in sorted(self._instead, key=len, reverse=True))
        self._pattern = re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)

    def find(self, path: str, text: str, first_line: int = 1) -> Iterator[Found]:
        """Find the phrases in a text that begins at a line of a file."""
        for hit in self._pattern.finditer(text):
            phrase = " ".join(hit[0].lower().replace("#", " ").split())
            yield Found(path, first_line + text.count("\n", 0, hit.start()), phrase, self._instead[phrase])

    def find_in(self, root: Path, paths: Iterable[Path]) -> Iterator[Found]:
        """Find the phrases in files: of Python only in docstrings and other strings."""
        for path in paths:
            name, text = str(path.relative_to(root)), path.read_text()
            if path.suffix != ".py":
                yield from self.find(name, text)
            # Parsing takes longer than searching.
            elif self._pattern.search(_joined(text)):
                for line, string in _strings(text):
                    yield from self.find(name, string, line)


def _joined(source: str) -> str:
    """Join adjacent strings: a phrase may begin in one and end in the next."""
    return re.sub(r'"\s*[frb]*"', "", source)


def _strings(source: str) -> Iterator[tuple[int, str]]:
    """Return each string and its line; a placeholder of an f-string is a dot."""
    parts = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(value) for value in node.values}
            yield node.lineno, "".join(str(v.value) if isinstance(v, ast.Constant) else "." for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.lineno, node.value
