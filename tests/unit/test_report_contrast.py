"""Text of a report can be read on what is behind it: 4.5 times as bright or dark (WCAG 2.2, 1.4.3), in both schemes."""

import re

import pytest

from tests.reading import ROOT

STYLE = (ROOT / "functions/tidegate/report/style.css").read_text()
DRAWING = (ROOT / "functions/tidegate/report/statemachine.svg").read_text()
LEAST = 4.5
TEXTS = [
    ("ink", "paper"),
    ("ink", "card"),
    ("soft", "paper"),
    ("soft", "stair"),
    ("soft", "stair-strong"),
    ("now", "paper"),
    ("warn", "paper"),
    *((tone, f"{tone}-soft") for tone in ("good", "bad", "warn", "now")),
    *((tone, "paper") for tone in ("good", "bad")),
]
Colour = tuple[float, float, float]

each_scheme = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


def palette(style: str, *, dark: bool) -> dict[str, Colour]:
    light, _, rest = style.partition("@media(prefers-color-scheme:dark)")
    declared = light + (rest[: rest.index("}}")] if dark else "")
    return {name: colour(value) for name, value in re.findall(r"--([\w-]+):#([0-9a-f]{3,6})\b", declared)}


def colour(digits: str) -> Colour:
    whole = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    red, green, blue = (int(whole[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue


def luminance(shade: Colour) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shade]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: Colour, other: Colour) -> float:
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


@each_scheme
@pytest.mark.parametrize(("text", "behind"), TEXTS)
def test_text_can_be_read_on_what_is_behind_it(text: str, behind: str, dark: bool) -> None:
    colours = palette(STYLE, dark=dark)
    assert contrast(colours[text], colours[behind]) >= LEAST


@each_scheme
def test_states_that_were_not_visited_can_be_read_though_they_are_faint(dark: bool) -> None:
    (faint,) = re.findall(r":not\(\.done,\.fail,\.now\)>\*\{opacity:([\d.]+)\}", DRAWING)
    ink, paper = palette(DRAWING, dark=dark)["ink"], palette(STYLE, dark=dark)["paper"]
    red, green, blue = (float(faint) * part + (1 - float(faint)) * back for part, back in zip(ink, paper, strict=True))
    assert contrast((red, green, blue), paper) >= LEAST
