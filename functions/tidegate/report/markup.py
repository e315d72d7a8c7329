"""HTML with escaping, and links."""

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from tidegate.domain import partition
from tidegate.domain.foreign_text import visible
from tidegate.domain.partition import PARTITIONS


def execution_link(arn: str) -> str | None:
    """Link to an execution in the console of its Region; None if that is not known."""
    parts = arn.split(":")
    if len(parts) != 8 or parts[2] != "states" or all(parts[1] != known.name for known in PARTITIONS):
        return None
    return partition.execution_link(arn)


def safe(text: str) -> bool:
    """Return whether a label is a safe link: https with a host."""
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in {"https", "http"} and bool(address.netloc) and text.isprintable() and " " not in text


class Markup(str):
    """Escaped HTML; any other text is foreign."""

    __slots__ = ()


Content = str | Iterable[str] | None


def element(name: str, /, *content: Content, **attributes: str | None) -> Markup:
    """Return an element; what is not Markup is escaped.

    `class_` is class, `aria_label` aria-label; None is omitted.
    """
    return Markup(f"{opening(name, **attributes)}{joined(*content)}</{name}>")


def opening(name: str, /, **attributes: str | None) -> Markup:
    said = (
        f' {key.rstrip("_").replace("_", "-")}="{plain(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{''.join(said)}>")


def joined(*content: Content) -> Markup:
    """Join parts; None is omitted."""
    return Markup("".join(_pieces(content)))


def _pieces(content: Iterable[Content]) -> Iterable[str]:
    for each in content:
        if isinstance(each, Markup):
            yield each
        elif isinstance(each, str):
            yield plain(each, quote=False)
        elif each is not None:
            yield from _pieces(each)


def plain(text: str, *, quote: bool = True) -> str:
    """Escape text for an element or a quoted attribute; a character that nobody would see is shown as one."""
    return escape(visible(text), quote=quote)
