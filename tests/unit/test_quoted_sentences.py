"""What the pages quote in the middle of a sentence is said so by the code, but for names and numbers."""

import re
from functools import cache

import pytest

from tests.pages.documents import PAGES, phrases
from tests.reading import ROOT

A_SENTENCE = re.compile(r"""(?!aws |make |sam |tidegate )[\w…%:;,.?'() ]+""")
VARIES = re.compile(r"…|\(reason\)|\d[\d.]*|checkout:live|checkout|\bana\b")


def sentences() -> list[tuple[str, int, str]]:
    return [
        (str(page.relative_to(ROOT)), line, phrase)
        for page in PAGES
        for line, phrase in phrases(page)
        if phrase.count(" ") > 1 and re.search(r"[a-z]+ [a-z]+|[a-z]+, [a-z]+", phrase) and A_SENTENCE.fullmatch(phrase)
    ]


def fixed(sentence: str) -> list[str]:
    """Give the parts of a sentence, of two words at least, in which nothing varies."""
    parts = (part.strip(" %:;,.?()") for clause in re.split("[;:,?] ", sentence) for part in VARIES.split(clause))
    return [part for part in parts if part.count(" ") >= 1]


@cache
def said() -> str:
    """Give the text of the code, literals that follow each other joined, and what the command was seen to say."""
    code = [path.read_text() for folder in ("functions", "cli") for path in sorted((ROOT / folder).rglob("*.py"))]
    seen = [path.read_text() for path in sorted((ROOT / "tests/command/golden").iterdir())]
    return re.sub(r'"\s*\n\s*f?"', "", "\n".join(code + seen))


@pytest.mark.parametrize(("page", "line", "sentence"), sentences())
def test_a_quoted_sentence_is_one_that_the_code_says(page: str, line: int, sentence: str) -> None:
    assert [part for part in fixed(sentence) if part not in said()] == [], f"{page}:{line}"


def test_a_sentence_that_nobody_says_would_be_found() -> None:
    assert len(sentences()) > 8
    (part,) = fixed("10 % on 4: it is all well with 12")
    assert part == "it is all well with"
    assert part not in said()
