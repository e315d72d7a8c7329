"""The pictures in docs/: a release of the local cloud, run under traffic, as its report shows it in a browser.

`make pictures` runs this; it takes a few minutes.
"""

import logging
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from localcloud.trial.stage import ALIAS, FUNCTION, Stage, opened
from tests import browser
from tests.reading import ROOT
from tidegate_cli.main import main

PICTURES = ROOT / "docs/pictures"
CLOCK = 40.0
BEFORE, AFTER = 420.0, 200.0
"""Emulated seconds of traffic around the release."""

RELEASE = f"{FUNCTION}-{ALIAS}-9f2c1ab3-1234.1"
STEPS = [{"weight": 10, "bake": "3m"}, {"weight": 25, "bake": "3m"}, {"weight": 50, "bake": "5m"}]
REQUEST = {
    "function": FUNCTION,
    "alias": ALIAS,
    "strategy": {"steps": STEPS},
    "analysis": {"max_bake": "3m", "on_inconclusive": "promote"},
    "labels": {"commit": "9f2c1ab3", "actor": "ci"},
}


def released_on(stage: Stage) -> None:
    """Release a version that begins to fail after a while, until that is found out."""
    stage.cloud.clock.sleep(BEFORE)
    stage.cloud.update_code(FUNCTION, ROOT / "tests/functions/uneasy")
    execution = stage.start(RELEASE, REQUEST)
    while stage.execution(execution)["status"] == "RUNNING":
        time.sleep(0.2)
    stage.cloud.clock.sleep(AFTER)


def written(stage: Stage, folder: Path) -> Path:
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
    os.environ.update(keys, AWS_ENDPOINT_URL=stage.cloud.endpoint)
    page = folder / "report.html"
    done = CliRunner().invoke(main, ["report", RELEASE, "-o", str(page)])
    if done.exit_code:
        raise RuntimeError(done.output)
    return page


def take(page: Path) -> None:
    PICTURES.mkdir(exist_ok=True)
    browser.look(page, PICTURES / "report.png", width=1100, height=1450)
    browser.look(page, PICTURES / "report-dark.png", dark=True, width=1100, height=1450)
    browser.look(page, PICTURES / "report-phone.png", width=500, height=1450)


def run() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with TemporaryDirectory() as folder, opened(CLOCK) as stage:
        released_on(stage)
        page = written(stage, Path(folder))
        take(page)
        sys.stdout.write(f"{PICTURES}: of a page of {page.stat().st_size} bytes\n")


if __name__ == "__main__":
    run()
