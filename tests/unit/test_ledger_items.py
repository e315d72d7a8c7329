"""What the ledger has of a release is read in one place, and no other file of the product knows a key."""

import ast
import re
from collections.abc import Iterator, Sequence
from inspect import getdoc
from pathlib import Path
from typing import Any

import pytest

import tidegate.aws.ledger
from tests.builders import NOON, a_plan, a_target
from tests.reading import ROOT
from tests.source_files import nodes
from tidegate.domain import ledger_items
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.judge import Minute
from tidegate.domain.ledger_items import (
    COMPLETE,
    COUNTS,
    LIVE,
    ReleaseItems,
    ahead_key,
    decided_key,
    end_of,
    event_key,
    listed_key,
    numbered_key,
    probed_key,
    rolled_back_key,
    shift_key,
    step_of,
    target_key,
)
from tidegate.domain.metric import ERRORS

TARGET, OTHER = "checkout:live", "basket:live"


def event(kind: str, at: int, **fields: Any) -> dict[str, Any]:
    return {"sk": event_key(at, kind), "kind": kind, "at": at, **fields}


def record(**fields: Any) -> dict[str, Any]:
    plan = a_plan(a_target(canary=None), a_target("basket", canary=None)).document()
    return {"sk": "record", "started": NOON, "labels": {}, "plan": plan, **fields}


def test_keys_are_those_that_the_tables_of_earlier_releases_have() -> None:
    assert target_key(TARGET) == "target#checkout:live"
    assert (shift_key(7), shift_key(1234), step_of({"sk": "shift#007"})) == ("shift#007", "shift#1234", 7)
    assert event_key(NOON, "judged") == "event#2027-01-15T12:00:00Z#judged"
    assert event_key(NOON) == "event#2027-01-15T12:00:00Z"
    assert decided_key(NOON, 2) == "event#2027-01-15T12:00:00Z#decided#2"
    assert numbered_key(COUNTS, NOON, 0) == "counts#2027-01-15T12:00:00Z#000"
    assert numbered_key(COMPLETE, NOON, 1) == "complete#2027-01-15T12:00:00Z#001"
    assert ahead_key(12) == "ahead#012"
    assert listed_key(NOON, "r") == "2027-01-15T12:00:00Z#r"
    assert (probed_key("43"), rolled_back_key("43"), LIVE) == ("probed#43", "rolled-back#43", "live")


def test_the_end_of_a_prefix_is_after_every_key_that_begins_with_it() -> None:
    assert numbered_key(COUNTS, NOON, 999) < end_of(COUNTS) < "countt"


def test_without_items_there_is_nothing() -> None:
    found = ReleaseItems()
    assert (found.record, found.plan, found.canaries, found.shifts, found.newest, len(found)) == (
        None,
        None,
        {},
        (),
        0,
        0,
    )
    assert (list(found.counts(TARGET)), found.baselines, found.errors, found.bake) == ([], {}, (), {})


def test_the_plan_has_the_versions_that_were_published_so_far() -> None:
    found = ReleaseItems([record(), {"sk": target_key(TARGET), "target": TARGET, "canary": "43", "at": NOON}])
    assert found.canaries == {TARGET: "43"}
    assert found.plan
    assert {target.name: target.canary for target in found.plan.targets} == {TARGET: "43", OTHER: None}


def test_what_an_earlier_release_of_the_same_name_left_is_no_item_of_this_one() -> None:
    old, new = event("shifted", NOON - 1), event("shifted", NOON)
    assert list(ReleaseItems([old, record(), new]).own()) == [record(), new]
    assert list(ReleaseItems([old, new]).own()) == []
    assert list(ReleaseItems([old, new]).since(NOON)) == [new]


def test_shifts_are_in_the_order_of_time_and_an_old_one_has_no_end() -> None:
    later = {"sk": shift_key(1), "at": NOON + 60, "until": NOON + 62, "weight": 25}
    first = {"sk": shift_key(0), "at": NOON, "weight": 10}
    found = ReleaseItems([later, first])
    assert found.shifts == (Shift(NOON, 10, NOON), Shift(NOON + 60, 25, NOON + 62))
    assert [step_of(item) for item in found.weight_changes] == [0, 1]


def test_events_are_found_by_their_kind_and_their_target() -> None:
    ours, theirs = event(f"probed#{TARGET}", NOON), event(f"probed#{OTHER}", NOON)
    found = ReleaseItems([ours, theirs, tick := event("judged", NOON + 60), record()])
    assert found.events() == [ours, theirs, tick]
    assert found.events("probed") == [ours, theirs]
    assert found.events("probed", TARGET) == [ours]
    assert found.events("prob") == found.events("judged", TARGET) == []
    assert found.ticks == [tick]
    assert found.newest == NOON + 60


def test_a_newer_item_takes_the_place_of_the_one_with_its_key() -> None:
    first = ReleaseItems([record(held=""), event("held", NOON)])
    after = first.updated([event("went-on", NOON + 60), record(held="by ana")])
    assert [item["sk"] for item in after] == ["record", event_key(NOON, "held"), event_key(NOON + 60, "went-on")]
    assert (first.record, after.record) == (record(held=""), record(held="by ana"))


def test_counts_come_by_measure_and_minute_and_the_last_is_the_corrected_one() -> None:
    rows = {TARGET: {"errors": [[NOON, 10, 1, 90, 0]], "latency-p95": [[NOON, 10, 2, 90, 3]]}, OTHER: {}}
    late = {TARGET: {"errors": [[NOON, 12, 1, 90, 0]]}}
    found = ReleaseItems(
        {"sk": numbered_key(COUNTS, NOON + at, 0), "at": NOON + at, "rows": each}
        for at, each in ((90, rows), (150, late))
    )
    assert list(found.counts(TARGET)) == [
        ("errors", NOON, Minute(10, 1, 90, 0)),
        ("latency-p95", NOON, Minute(10, 2, 90, 3)),
        ("errors", NOON, Minute(12, 1, 90, 0)),
    ]
    assert list(found.counts(OTHER)) == list(found.counts("nobody:live")) == []


def test_counts_are_read_from_where_the_first_version_of_compare_wrote_them() -> None:
    minute = {"start": NOON, "canary_total": 10, "canary_bad": 1, "stable_total": 90, "stable_bad": 2}
    found = ReleaseItems([event("judged", NOON + 150, evidence={TARGET: {"minutes": [minute]}})])
    assert list(found.counts(TARGET)) == [(ERRORS, NOON, Minute(10, 1, 90, 2))]


def test_errors_of_versions_are_read_from_where_the_first_version_of_compare_wrote_them() -> None:
    new, old = {"type": "KeyError"}, {"type": "ValueError"}
    item = {"sk": "version-errors", "at": NOON, "errors": [new]}
    assert ReleaseItems([item, record(blame={"errors": [old]})]).errors == [new]
    assert ReleaseItems([record(blame={"errors": [old]})]).errors == [old]
    assert ReleaseItems([record(blame=None)]).errors == ()


def test_what_a_tick_leaves_to_the_next_is_found() -> None:
    hour = {"sk": numbered_key(COMPLETE, NOON, 0), "hour": NOON, "packed": "…", "at": NOON}
    bake = {"sk": "bake", "at": NOON, "unreadable": 1}
    found = ReleaseItems([{"sk": "baseline", "at": NOON, "targets": {TARGET: {"before": []}}}, bake, hour])
    assert (found.baselines, found.bake, found.complete_hours) == ({TARGET: {"before": []}}, bake, [hour])


KEYS = {value for name, value in vars(ledger_items).items() if name.isupper() and isinstance(value, str)} - {
    ledger_items.TICK,
    ERRORS,
}
PARTITIONS = {"release#", "decisions#", "alias#", "route#", "wake#"}
MEANS_SOMETHING_ELSE = {
    "bake": "the field of a step in a request, and a move",
    "freezes": "a field of what Freeze answers, and a verb of the command",
    "live": "the alias that is released if none is named",
    "releases": "a table of the page about costs",
    "record": "a field of a line in Lambda's log",
}
"""Keys that are words which other files need too; none of those files reads a key, though."""

KNOW_THE_KEYS = (ROOT / "functions/tidegate/domain/ledger_items.py", ROOT / "functions/tidegate/aws/ledger")
OF_ONE_TARGET = re.compile(r"[a-z-]+#")
"""How the kind of an event about one target begins, like all keys with a "#"."""


def texts(code: Sequence[ast.AST]) -> Iterator[str]:
    """Give every text in code but docstrings; of an f-string the parts between the values."""
    documentation = {id(node.value) for node in code if isinstance(node, ast.Expr)}
    for node in code:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def keys_in(code: Sequence[ast.AST]) -> set[str]:
    """Give the texts in code that are a key of the ledger or the beginning of one, take it apart, or ask for it."""
    words = {*KEYS, "sk", "pk", "#"} - MEANS_SOMETHING_ELSE.keys()
    marks = tuple(key for key in KEYS | PARTITIONS if key.endswith("#"))
    return {text for text in texts(code) if text in words or text.startswith(marks) or OF_ONE_TARGET.match(text)}


def product() -> list[Path]:
    folders = ("functions/tidegate", "cli/tidegate_cli", "bench")
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_no_other_file_knows_a_key_of_the_ledger() -> None:
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in product()
        if not any(path.is_relative_to(place) for place in KNOW_THE_KEYS) and (found := keys_in(nodes(path)))
    }
    assert wrong == {}


def test_the_modules_that_write_items_take_their_keys_from_the_one_that_reads_them() -> None:
    written = {
        f"{path.name}: {text}"
        for path in (ROOT / "functions/tidegate/aws/ledger").glob("*.py")
        for text in texts(nodes(path))
        if text in KEYS or text.startswith(tuple(key for key in KEYS | PARTITIONS if key.endswith("#")))
    }
    assert written == set()


@pytest.mark.parametrize(
    "source",
    [
        'item["sk"]',
        'f"shift#{step:03d}"',
        'sk.startswith("counts#")',
        'table.get(partition, "version-errors")',
        'f"settled#{target.name}"',
        'table.query(f"release#{name}")',
        'kind.partition("#")',
    ],
)
def test_a_key_is_seen_in_code(source: str) -> None:
    code = ast.parse(f'"""Say that "record" and event# are no keys here."""\n{source}')
    assert len(keys_in(tuple(ast.walk(code)))) == 1


def test_the_table_of_the_ledger_names_every_key() -> None:
    rows = re.findall(r"^\| `(\S+?)` +\| `(\S+?)` +\|", getdoc(tidegate.aws.ledger) or "", re.MULTILINE)
    named = {"#".join([text.partition("#")[0], ""]) if "#" in text else text for row in rows for text in row}
    assert named - {"function:alias", "PATTERN", "ALIAS", "TIME#"} == KEYS | PARTITIONS
