"""The checks of `tidegate verify` as docs/not-verified.md shows them."""

from tidegate_cli.verify.checks import load

HEAD = "| row | what we rely on | how it is checked | if it is otherwise |\n|---|---|---|---|"


def table() -> str:
    rows = [
        f"| `{check.id}` | {check.relied_on} | {check.how} ([AWS's page]({check.source})). Expected: {check.expected} "
        f"| {check.otherwise} |"
        for check in load().values()
    ]
    return "\n".join([HEAD, *rows])
