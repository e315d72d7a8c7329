"""The style of a page of our own, kept to one element of somebody else's page."""

import re

MEDIA = re.compile(r"@media\s*(?P<condition>[^{]+)\{(?P<rules>(?:[^{}]+\{[^{}]*\})*)\s*\}")
RULE = re.compile(r"(?P<selectors>[^{}]+)(?P<body>\{[^{}]*\})")
BETWEEN_SELECTORS = re.compile(r",(?![^(]*\))")
WHOLE_PAGE = {":root", "body"}


def scoped(css: str, scope: str, *, dark: bool) -> str:
    """Put every rule under the selector `scope`, which takes the place of the page.

    Rules for the dark scheme are applied or left out by what the page around is like, not by what the browser prefers;
    those for paper and for narrow windows are left out.
    """
    plain = MEDIA.sub(lambda found: found["rules"] if dark and ":dark" in found["condition"] else "", css)
    return RULE.sub(lambda found: f"{_under(scope, found['selectors'])}{found['body']}", plain)


def _under(scope: str, selectors: str) -> str:
    each = (selector.strip() for selector in BETWEEN_SELECTORS.split(selectors))
    return "\n" + ",".join(scope if selector in WHOLE_PAGE else f"{scope} {selector}" for selector in each)
