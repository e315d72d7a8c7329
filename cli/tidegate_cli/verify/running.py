"""Running checks one after the other, and the results as documents."""

import re
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tidegate_cli.outcome import Stop
from tidegate_cli.verify.checks import Check, Seen
from tidegate_cli.verify.ground import Ground


@dataclass(frozen=True)
class Result:
    """What came of a check, and how many seconds it took."""

    check: Check
    seen: Seen
    seconds: float

    @property
    def text(self) -> str:
        """Return what was seen, without numbers of accounts."""
        return re.sub(r"\b\d{12}\b", "ACCOUNT", self.seen.text)

    def document(self) -> dict[str, Any]:
        return {
            "type": "verified",
            "id": self.check.id,
            "relied_on": self.check.relied_on,
            "expected": self.check.expected,
            "seen": self.text,
            "result": self.seen.word,
            "otherwise": self.check.otherwise,
            "seconds": round(self.seconds, 1),
        }


def run(checks: Iterable[Check], ground: Ground) -> Iterator[Result]:
    for check in checks:
        began = ground.now()
        seen = look(check, ground)
        yield Result(check, seen, ground.now() - began)


def look(check: Check, ground: Ground) -> Seen:
    """Run one check; what AWS refuses, or answers in another shape, is what it could not tell."""
    try:
        return check.look(ground)
    except (Stop, ClientError, BotoCoreError) as error:
        return Seen(None, str(error))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Seen(None, f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})")


def in_markdown(place: str, day: str, tool: str, results: list[Result]) -> str:
    """Write the results as a table to attach to an issue, without the number of the account."""
    head = [
        f"# Tidegate verified in {place}",
        "",
        f"{day}, {tool}: {counted(results)}.",
        "",
        "| row | expected | seen | |",
        "|---|---|---|---|",
    ]
    rows = [
        f"| `{each.check.id}` | {_cell(each.check.expected)} | {_cell(each.text)} | {each.seen.word} |"
        for each in results
    ]
    return "\n".join([*head, *rows, ""])


def counted(results: list[Result]) -> str:
    words = [each.seen.word for each in results]
    return ", ".join(f"{words.count(word)} {word}" for word in ("ok", "differs", "could not tell"))


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split()).replace("<", "&lt;")
