"""docs/moving.md names what there is: CodeDeploy's strategies by their names."""

import re

from tests.reading import ROOT
from tidegate.domain.strategy import NAMES

PAGE = (ROOT / "docs/moving.md").read_text()


def test_every_name_of_codedeploy_is_in_the_table_and_works() -> None:
    named = set()
    for row in re.findall(r"^\| (`(?:Canary|Linear|AllAtOnce).*?) \|", PAGE, re.MULTILINE):
        first, *rest = re.findall(r"`(.+?)`", row)
        named |= {first, *(re.sub(r"\d+Minutes?$", "", first) + each.removeprefix("…") for each in rest)}
    assert named == {name for name in NAMES if re.match(r"Canary|Linear|AllAtOnce", name)}
