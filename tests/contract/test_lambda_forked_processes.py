"""A process of a function is forked from one that has the slow imports, where that makes no difference to it."""

import json
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from localcloud.lambda_.runtime import forking

LOOKS = """
import os, sys
forked = "pydantic" in sys.modules
import pydantic

def handler(event, context):
    return {
        "forked": forked,
        "pydantic": pydantic.__file__,
        "environment": dict(os.environ),
        "path": sys.path,
        "argv": sys.argv,
        "open": [os.readlink(f"/proc/self/fd/{number}").split(":")[0] for number in (0, 1, 2)],
        "more open": len(os.listdir("/proc/self/fd")) - 3,
        "leads its session": os.getsid(0) == os.getpid(),
        "folder": os.getcwd(),
        "zone": __import__("time").tzname,
    }
"""
OF_ITS_OWN = {"AWS_LAMBDA_RUNTIME_API", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
OF_ITS_OWN |= {"AWS_LAMBDA_LOG_STREAM_NAME", "HOME", "TMPDIR", "_X_AMZN_TRACE_ID"}


def looks(cloud: LocalCloud, name: str, code: Path, variables: dict[str, str] | None = None) -> dict[str, Any]:
    code.mkdir(exist_ok=True)
    (code / "app.py").write_text(LOOKS)
    cloud.create_function(name, code, environment=variables or {})
    seen: dict[str, Any] = json.load(cloud.client("lambda").invoke(FunctionName=name)["Payload"])
    seen["environment"] = {key: value for key, value in seen["environment"].items() if key not in OF_ITS_OWN}
    return seen


def test_a_forked_process_finds_what_a_fresh_one_finds(
    cloud: LocalCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forked = looks(cloud, "forked", tmp_path / "code")
    monkeypatch.setattr(forking.Forking, "suits", lambda *_: False)
    cloud.client("lambda").delete_function(FunctionName="forked")
    fresh = looks(cloud, "forked", tmp_path / "code")
    assert (forked.pop("forked"), fresh.pop("forked")) == (True, False)
    assert forked == fresh


def test_a_function_that_brings_a_package_along_gets_its_own(cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / "pydantic.py").touch()
    seen = looks(cloud, "brings-its-own", tmp_path)
    assert (seen["forked"], seen["pydantic"]) == (False, f"{seen['folder']}/pydantic.py")


def test_a_function_with_variables_that_the_interpreter_reads_gets_a_fresh_one(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    assert not looks(cloud, "hash-seed", tmp_path, {"PYTHONHASHSEED": "0"})["forked"]
