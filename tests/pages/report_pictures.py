"""The pictures in docs/: a release of the local cloud, run under traffic, as report and widget show it in a browser.

`make pictures` runs this; it takes a few minutes.
"""

import json
import logging
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from localcloud.trial.stage import ALIAS, FUNCTION, Stage, opened
from tests import browser
from tests.fakes.widget_host import hosted, shown_event
from tests.reading import ROOT
from tidegate_cli.main import main

PICTURES = ROOT / "docs/pictures"
CLOCK = 40.0
BEFORE, AFTER = 420.0, 200.0
"""Emulated seconds of traffic around the release."""

SHOWN_AT = 0.25
"""Weight at which the widget is taken: that of the step before the last."""

BUTTON = "<cwdb-action"
"""What it is taken with: there is none once the release is being rolled back."""

RELEASE = f"{FUNCTION}-{ALIAS}-9f2c1ab3-1234.1"
STEPS = [{"weight": 10, "bake": "3m"}, {"weight": 25, "bake": "3m"}, {"weight": 50, "bake": "5m"}]
REQUEST = {
    "function": FUNCTION,
    "alias": ALIAS,
    "strategy": {"steps": STEPS},
    "analysis": {"max_bake": "3m", "on_inconclusive": "promote"},
    "labels": {"commit": "9f2c1ab3", "actor": "ci"},
}


def released_on(stage: Stage) -> str:
    """Release a version that begins to fail after a while, until that is found out; give its widget of before."""
    stage.cloud.clock.sleep(BEFORE)
    stage.cloud.update_code(FUNCTION, ROOT / "tests/functions/uneasy")
    execution = stage.start(RELEASE, REQUEST)
    widget = ""
    while stage.execution(execution)["status"] == "RUNNING":
        if SHOWN_AT in stage.alias().weights.values():
            now = shown(stage)
            widget = now if BUTTON in now else widget
        time.sleep(0.5)
    stage.cloud.clock.sleep(AFTER)
    return widget


def shown(stage: Stage) -> str:
    """Have the widget's function show what is running, as CloudWatch does."""
    client = stage.cloud.client("lambda")
    (name,) = (
        each["FunctionName"] for each in client.list_functions()["Functions"] if "Widget" in each["FunctionName"]
    )
    return str(json.loads(client.invoke(FunctionName=name, Payload=json.dumps(shown_event()))["Payload"].read()))


def written(stage: Stage, folder: Path) -> Path:
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
    os.environ.update(keys, AWS_ENDPOINT_URL=stage.cloud.endpoint)
    page = folder / "report.html"
    done = CliRunner().invoke(main, ["report", RELEASE, "-o", str(page)])
    if done.exit_code:
        raise RuntimeError(done.output)
    return page


def take(page: Path, widget: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    host = page.with_name("widget.html")
    host.write_text(hosted(widget, dark=False), encoding="utf-8")
    browser.look(host, PICTURES / "widget.png", width=900, height=2180)
    browser.look(page, PICTURES / "report.png", width=1100, height=1450)
    browser.look(page, PICTURES / "report-dark.png", dark=True, width=1100, height=1450)
    browser.look(page, PICTURES / "report-phone.png", width=500, height=1450)


def run() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with TemporaryDirectory() as folder, opened(CLOCK, Dashboard="true") as stage:
        widget = released_on(stage)
        page = written(stage, Path(folder))
        take(page, widget)
        sys.stdout.write(f"{PICTURES}: of a page of {page.stat().st_size} bytes\n")


if __name__ == "__main__":
    run()
