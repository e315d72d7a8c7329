"""Values of options: durations, moments, versions, aliases, labels."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from click.shell_completion import CompletionItem

from tidegate.domain.schedule import DAY, HOUR, MINUTE, format_time


class Seconds(click.ParamType[float]):
    """A duration such as 90s, 5m, 2h or 1h30m, as seconds."""

    name = "duration"
    _form = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6}(?:\.\d{1,3})?)s)?", re.ASCII)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        seconds = self.read(str(value))
        if seconds is None:
            self.fail(f"{value!r} is not a duration; example: 30m", param, ctx)
        return seconds

    def read(self, text: str) -> float | None:
        parts = self._form.fullmatch(text)
        if not parts or not any(parts.groups()):
            return None
        hours, minutes, seconds = (float(part or 0) for part in parts.groups())
        return hours * HOUR + minutes * MINUTE + seconds


class Moment:
    """A time in the future as a person wrote it: a duration from now, a time of day, or a date."""

    _days = re.compile(r"(\d{1,3})d", re.ASCII)
    _clock = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)

    def __init__(self, text: str) -> None:
        """Read it; raises ValueError with a sentence."""
        self.text = text
        days, clock = self._days.fullmatch(text), self._clock.fullmatch(text)
        self._ahead = int(days[1]) * DAY if days else Seconds().read(text)
        self._at = (int(clock[1]), int(clock[2])) if clock else None
        self._date = None if self._ahead or self._at else self._dated(text)

    @staticmethod
    def _dated(text: str) -> datetime:
        try:
            return datetime.fromisoformat(text).astimezone()
        except (ValueError, OverflowError):
            raise ValueError(
                f"{text!r} is not a time; examples: 2h, 3d, 18:00, 2026-12-01T08:00:00Z (without a zone it is local)"
            ) from None

    def seconds(self, now: float) -> int:
        """Return it in seconds since 1970; a time of day is the next one in the zone of this machine."""
        if self._ahead:
            return int(now + self._ahead)
        if self._date:
            return int(self._date.timestamp())
        assert self._at
        hour, minute = self._at
        here = datetime.fromtimestamp(now, UTC).astimezone()
        found = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return int((found if found > here else found + timedelta(days=1)).timestamp())

    def written(self, now: float) -> str:
        return format_time(self.seconds(now))


class MomentType(click.ParamType[Moment]):
    """2h, 3d, 18:00, or a date and time in ISO 8601."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Moment:
        if isinstance(value, Moment):
            return value
        try:
            return Moment(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Version(click.ParamType[str]):
    """The number of a published version, or one of the `words` that stand for another."""

    name = "version"

    def __init__(self, *words: str) -> None:
        self._words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self._words and not re.fullmatch("[1-9][0-9]{0,17}", str(value)):
            self.fail(f"{value!r} is not a version number; example: 42", param, ctx)
        return str(value)


class CodeSha(click.ParamType[str]):
    """A SHA-256 digest of code: in base64, as Lambda writes it, or in hex, as sha256sum does."""

    name = "sha"
    _form = re.compile(r"[0-9a-fA-F]{64}|[0-9a-zA-Z+/]{43}=", re.ASCII)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        found = str(value).strip()
        if not self._form.fullmatch(found):
            self.fail(f"{value!r} is not a SHA-256 digest: write 44 characters of base64, or 64 of hex", param, ctx)
        return found


class StrategyType(click.ParamType[str]):
    """The name of a strategy; whether there is one is checked with the request."""

    name = "strategy"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - Click's own signature
        from tidegate_cli import completing

        return [CompletionItem(name) for name in completing.strategies(incomplete)]


def alias_name(_: click.Context, __: click.Parameter, alias: str | None) -> str | None:
    if alias is not None and not re.fullmatch("(?![0-9]+$)[a-zA-Z0-9-_]{1,128}", alias):
        raise click.BadParameter(f"{alias!r} is not an alias name: use letters, digits, - and _, not only digits")
    return alias


def reason_given(_: click.Context, __: click.Parameter, reason: str | None) -> str | None:
    """Refuse an empty reason, as from an empty variable of a script: nothing would be left of the option."""
    if reason is not None and not reason.strip():
        raise click.BadParameter('it needs a reason; example: --emergency "orders fail"')
    return reason


def labels_given(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    wrong = next((value for value in values if "=" not in value), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} is not NAME=TEXT; example: commit=4f2c9e1")
    return dict(value.split("=", 1) for value in values)
