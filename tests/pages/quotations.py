"""Output of the command that the pages quote: golden files of tests, by name; `make tables` copies it to the pages."""

import re

from tests.reading import ROOT

FOLDERS = (ROOT / "tests/command/golden", ROOT / "tests/unit/golden/command")
GOLDEN = {path.name: path for folder in FOLDERS for path in sorted(folder.iterdir())}
QUOTATION = re.compile(
    r"(?<=^<!-- )(?P<name>[\w.-]+)(?P<open> -->\n```\n)(?P<text>.*?)(?=^```$)", re.MULTILINE | re.DOTALL
)


def quoted(page: str) -> str:
    """Return a page with the golden files that it quotes."""

    def replaced(found: re.Match[str]) -> str:
        golden = GOLDEN.get(found["name"])
        return f"{found['name']}{found['open']}{golden.read_text() if golden else found['text']}"

    return QUOTATION.sub(replaced, page)
