"""The picture of both chains: each user a dot, and the orders that met old and new versions."""

from collections.abc import Iterator, Mapping

from bench.chain.run import Counts
from bench.chain.shop import PERCENT, USERS, WEIGHTS

TITLES = {WEIGHTS: f"{PERCENT} % of the requests (weights)", USERS: f"{PERCENT} % of the users"}
COLUMNS, PITCH = 25, 16
LEFT, TOP, GAP = 30, 64, 50
MET, NOT_MET, INK, PALE = "#c2410c", "#cbd5e1", "#222", "#666"


def drawn(counts: Mapping[str, Counts]) -> str:
    """Return the picture as SVG."""
    rows = -(-max(len(each.users) for each in counts.values()) // COLUMNS)
    width, height = 2 * (LEFT + COLUMNS * PITCH) + GAP, TOP + rows * PITCH + 84
    font = f'font-family="sans-serif" font-size="13" fill="{INK}"'
    heading = "Who meets a new version: an API function, an event bus, two consumers"
    said = "; ".join(f"{title}: {_users(counts[way])}, {_orders(counts[way])}" for way, title in TITLES.items())
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {font} role="img">',
        f"<title>{said}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="26" font-weight="bold" font-size="15">{heading}</text>',
    ]
    for place, (way, title) in enumerate(TITLES.items()):
        left = LEFT + place * (COLUMNS * PITCH + GAP)
        lines.append(f'<text x="{left}" y="{TOP - 14}">{title}</text>')
        lines += [*_dots(counts[way], left), *_below(counts[way], left, TOP + rows * PITCH + 22)]
    return "\n".join([*lines, "</svg>\n"])


def _users(counts: Counts) -> str:
    return f"{len(counts.reached())} of {len(counts.users)} users met it"


def _orders(counts: Counts) -> str:
    return f"{counts.mixed():,} of {len(counts.met):,} orders mixed old and new"


def _dots(counts: Counts, left: int) -> Iterator[str]:
    reached = counts.reached()
    for number, user in enumerate(counts.users):
        row, column = divmod(number, COLUMNS)
        x, y = left + column * PITCH + 6, TOP + row * PITCH + 6
        yield f'<circle cx="{x}" cy="{y}" r="5" fill="{MET if user in reached else NOT_MET}"/>'


def _below(counts: Counts, left: int, y: int) -> Iterator[str]:
    whole = COLUMNS * PITCH - 6
    mixed = round(whole * counts.mixed() / len(counts.met), 1)
    yield f'<text x="{left}" y="{y}">{_users(counts)}</text>'
    yield f'<rect x="{left}" y="{y + 12}" width="{whole}" height="8" fill="{NOT_MET}"/>'
    yield f'<rect x="{left}" y="{y + 12}" width="{mixed}" height="8" fill="{MET}"/>'
    yield f'<text x="{left}" y="{y + 38}" fill="{PALE}">{_orders(counts)}</text>'
