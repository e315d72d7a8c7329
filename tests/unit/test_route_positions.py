"""Positions are those of the published vectors, in every language and on every interpreter that callers have."""

import ast
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reading import ROOT
from tests.unit.routing_calls import item, keys
from tidegate_route import Document, position, pseudonym

ROUTING = ROOT / "routing"
VECTORS: list[dict[str, Any]] = json.loads((ROUTING / "vectors.json").read_text())["vectors"]

CHECK = """
import json, sys
from tidegate_route import Router, position, pseudonym
for each in json.load(open("vectors.json"))["vectors"]:
    key = pseudonym(each["user"])
    assert key == each["pseudonym"], each
    for salt, place in each["positions"].items():
        assert position(salt, key) == place, (each, salt)
with Router(lambda name: None).serving("user-1"):
    assert "position" not in repr(Router(lambda name: None).qualifier("orders", explain=True))
print(sys.version_info[:2])
"""

IN_NODE = """
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { channel, parse, position, pseudonym, qualifier } from "./node/tidegate_route.mjs";
const { cases, vectors } = JSON.parse(readFileSync(0, "utf8"));
for (const { user, pseudonym: key, positions } of vectors) {
  assert.equal(pseudonym(user), key);
  for (const [salt, place] of Object.entries(positions)) assert.equal(position(salt, key), place);
}
for (const { item, key, chosen } of cases) assert.equal(channel(parse(item), key), chosen, JSON.stringify([item, key]));
const unread = [null, 5, {}, { ...cases[0].item, schema: 2 }, { ...cases[0].item, percent: 101 }];
for (const each of unread) assert.equal(qualifier(each, "user-1"), "live");
assert.equal(qualifier({ ...cases[0].item, percent: 100, always: [], never: [] }, "user-1"), "live-canary");
assert.equal(qualifier({ ...cases[0].item, percent: 100, always: [], never: [] }, ""), "live");
"""


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: ascii(vector["user"][:12]))
def test_a_position_is_the_published_one(vector: dict[str, Any]) -> None:
    assert pseudonym(vector["user"]) == vector["pseudonym"]
    for salt, place in vector["positions"].items():
        assert position(salt, vector["pseudonym"]) == place


def interpreters() -> Iterator[tuple[str, dict[str, str]]]:
    """Give the interpreters that are here, from 3.9 on; a shim of pyenv needs to be told which one it is."""
    listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=False).stdout
    for minor in range(9, 14):
        if found := shutil.which(f"python3.{minor}"):
            versions = [line.strip() for line in listed.split() if line.startswith(f"3.{minor}.")]
            yield found, {"PYENV_VERSION": versions[-1]} if versions else {}


@pytest.mark.skipif(shutil.which("pyenv") is None, reason="no other interpreters are known here")
def test_the_library_runs_on_each_interpreter_that_is_here() -> None:
    ran = set()
    for python, chosen in interpreters():
        environment = {**os.environ, **chosen, "PYTHONPATH": str(ROUTING)}
        command = [python, "-S", "-c", CHECK]
        done = subprocess.run(command, cwd=ROUTING, env=environment, capture_output=True, text=True, check=False)
        if "command not found" not in done.stderr:
            assert done.returncode == 0, (python, done.stderr)
            ran.add(done.stdout)
    assert ran


@pytest.mark.parametrize("path", sorted((ROUTING / "tidegate_route").glob("*.py")), ids=lambda path: path.name)
def test_the_library_has_the_syntax_of_python_3_9(path: Path) -> None:
    assert ast.parse(path.read_text(), feature_version=(3, 9)).body


def cases() -> Iterator[dict[str, Any]]:
    """Give documents and keys with the channel that Python chooses."""
    everybody = [*keys(*(f"user-{number}" for number in range(60))), None]
    documents = [item(percent, salt=salt) for percent in (0, 0.01, 0.125, 7, 50, 99.99, 100) for salt in ("a", "ü")]
    documents.append(item(0, always=keys("user-3"), never=keys("user-3", "user-4")))
    documents.append(item(100, always=keys("user-3"), never=keys("user-3", "user-4")))
    for document in documents:
        for key in everybody:
            yield {"item": document, "key": key, "chosen": Document.parse(document).place(key)[0]}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_port_for_node_decides_alike() -> None:
    given = json.dumps({"cases": list(cases()), "vectors": VECTORS})
    command = ["node", "--input-type=module", "--eval", IN_NODE]
    done = subprocess.run(command, cwd=ROUTING, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
