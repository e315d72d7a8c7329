"""`tidegate status`, `history`, `watch`, `retry` and `rollback` on a ledger in memory."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.builders import NOON, a_plan, a_target
from tests.failing import raising
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tests.fakes.stack import STACK
from tests.golden import as_golden
from tidegate.aws import executions
from tidegate.aws.lambda_ import aliases, functions
from tidegate.aws.lambda_.aliases import Alias
from tidegate.aws.ledger import freezes, index, notes, records
from tidegate.domain.alias import AliasState
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.execution import Execution
from tidegate.domain.rollout.proof import NOT_COMPARED
from tidegate_cli import running, time_at_aws
from tidegate_cli.command import Shared
from tidegate_cli.commands import retry as retrying
from tidegate_cli.main import main
from tidegate_cli.outcome import Outcome, Stop

HOUR = 3600
AMBER = "\x1b[33m"
GOLDEN = Path(__file__).parent / "golden/command"


def execution(name: str, request: Any = None, status: str = "FAILED") -> Execution:
    return Execution(STACK.execution(name), status, NOON, request=request)


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallAws]:
    """Give a ledger in which shop, cart and tax were released, and in which a release of cart is running."""
    monkeypatch.setattr(Shared, "connect", lambda _: None)
    monkeypatch.setattr(Shared, "stack", STACK)
    monkeypatch.setattr(time_at_aws, "now", lambda: NOON + 2 * HOUR)
    monkeypatch.setattr(functions, "read", lambda name, *_: object() if name in {"shop", "cart", "tax"} else None)
    with small_aws() as aws:
        monkeypatch.setattr(aliases, "read", lambda function, name: _alias(aws, function, name))
        for name in ("shop", "tax"):
            released(aws, name)
        aws.moved("cart", "42", v43=0.1)
        take_on("cart-2", "execution", a_plan(a_target("cart")))
        index.enlist("cart-2", NOON, ["cart:live"], NOON + HOUR)
        yield aws


def _alias(aws: SmallAws, function: str, name: str) -> Alias | None:
    if function not in aws.aliases or name != "live":
        return None
    version, weights = aws.state(function)
    return Alias(function, name, AliasState(version, weights), "1")


def released(aws: SmallAws, function: str) -> None:
    """Leave what a finished release leaves."""
    name = f"{function}-1"
    take_on(name, "execution", a_plan(a_target(function)))
    index.enlist(name, NOON, [f"{function}:live"], NOON + HOUR)
    records.commit_promotion(name, NOON + HOUR)
    records.close(name, "released", f"{function}:live is on version 43", NOON + HOUR)
    del aws.items["locks", f"{function}:live"]
    aws.moved(function, "43")


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def same_as_golden(lines: Sequence[str], name: str) -> bool:
    text = "".join(f"{line}\n" for line in lines)
    assert text == as_golden(text, GOLDEN / name)
    return True


def shown(*arguments: str) -> list[str]:
    called = call(*arguments)
    assert called.exit_code == 0, called.output
    return called.stdout.splitlines()


@pytest.mark.usefixtures("ours")
def test_status_shows_what_runs_and_no_alias_on_which_nothing_goes_on() -> None:
    header, line = shown("status")
    assert header.split() == ["ALIAS", "SERVES", "WHAT"]
    assert line.split("  ")[0] == "cart:live"
    assert "version 42 with 10 % on 43" in line
    assert "release cart-2: started, cart:live from version 42" in line


@pytest.mark.usefixtures("ours")
def test_status_shows_frozen_functions_and_freezes_of_functions_it_does_not_know() -> None:
    freezes.put(Freeze("ta?", "audit", NOON + 9 * HOUR, "ana", NOON))
    freezes.put(Freeze("zoo-*", "summer", NOON + 9 * HOUR, "ana", NOON))
    freezes.put(Freeze("shop", "over", NOON + HOUR, "ana", NOON))
    *_, tax, zoo = shown("status")
    assert tax.startswith("tax:live ")
    assert tax.endswith("  frozen until 2027-01-15T21:00:00Z (audit)")
    assert zoo == "zoo-*  frozen until 2027-01-15T21:00:00Z (summer)"
    assert not any(line.startswith("shop") for line in shown("status"))


def test_status_shows_an_alias_that_is_divided_without_a_release(ours: SmallAws) -> None:
    ours.moved("shop", "43", v44=0.5)
    assert shown("status")[-1].endswith("version 43 with 50 % on 44  split, but no release is running")


@pytest.mark.usefixtures("ours")
def test_status_of_all_names_every_alias_with_its_last_outcome_and_age() -> None:
    freezes.put(Freeze("tax", "audit", NOON + 9 * HOUR, "ana", NOON))
    _, *lines = shown("status", "--all")
    assert same_as_golden(shown("status", "--all"), "status.txt")
    assert [line.split(":")[0] for line in lines] == ["cart", "shop", "tax"]
    assert lines[1].endswith("  100 % on version 43         released 1 h ago")
    *_, document = map(json.loads, shown("status", "--all", "--json"))
    last = {"release": "tax-1", "outcome": "released", "at": "2027-01-15T13:00:00Z", "proof": ""}
    assert document["last_release"] == last


def test_status_says_so_where_nothing_goes_on(ours: SmallAws) -> None:
    del ours.items["locks", "cart:live"]
    ours.moved("cart", "42")
    (line,) = shown("status")
    assert line == ("no release is running, nothing is frozen, no alias is split (3 known: tidegate status --all)")


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(
    ("named", "said"),
    [("nothing", "There is no function 'nothing'"), ("shop:beta", "shop has no alias 'beta'; the first release")],
)
def test_status_fails_for_what_does_not_exist(named: str, said: str) -> None:
    called = call("status", named)
    assert (called.exit_code, said in called.stderr) == (1, True)


def test_history_has_a_header_one_line_a_release_and_labels_on_request(ours: SmallAws) -> None:
    record = ours.items["release#shop-1", "record"]
    record["labels"] = {"M": {"commit": {"S": "4f2c"}, "emergency": {"S": "it\nburns"}}}
    header, line = shown("history", "shop")
    assert header.split() == ["STARTED", "OUTCOME", "VERSIONS", "STRATEGY", "TOOK", "RELEASE", "WHY"]
    cells = ["2027-01-15T12:00:00Z", "released", "42 -> 43", "steps", "1 h", "shop-1"]
    assert [each.strip() for each in line.split("  ") if each.strip()] == [
        *cells,
        "EMERGENCY: it; burns",
        "shop:live is on version 43",
    ]
    del record["labels"]["M"]["emergency"]
    assert shown("history", "shop", "--wide")[1].endswith("shop:live is on version 43  commit=4f2c")
    assert same_as_golden(shown("history", "shop", "--wide"), "history.txt")


@pytest.mark.usefixtures("ours")
def test_a_release_without_proof_is_never_called_only_released() -> None:
    notes.note_proof("shop-1", NOT_COMPARED, ())
    header, line = shown("history", "shop")
    place = header.index("OUTCOME")
    assert line[place:].split("  ")[:2] == ["released, not compared", "42 -> 43"]
    assert shown("history", "shop", "--color", "always")[1].startswith(AMBER)
    assert line.index("42 -> 43") == header.index("VERSIONS")
    assert shown("status", "shop")[1].endswith("  released, not compared 1 h ago")
    *_, document = map(json.loads, shown("status", "shop", "--json"))
    assert document["last_release"]["proof"] == NOT_COMPARED


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(("named", "release"), [("cart", "cart-2"), ("shop", "shop-1"), ("shop-1", "shop-1")])
def test_watch_takes_the_running_release_of_a_function_or_else_its_newest(
    named: str, release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[str] = []
    monkeypatch.setattr("tidegate_cli.running.follow", lambda _shared, name, *_: followed.append(name))
    monkeypatch.setattr("tidegate_cli.running.conclude", lambda *_: None)
    assert call("watch", named).exit_code == 0
    assert followed == [release]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Give the requests that are started, with the key of each."""
    found: list[dict[str, Any]] = []

    class Noting:
        def __init__(self, _shared: Shared, _targets: Sequence[Any], request: Any, **how: Any) -> None:
            found.append({**request, **how})

        def run(self, _options: Any) -> None:
            pass

    monkeypatch.setattr("tidegate_cli.releasing.Releasing", Noting)
    return found


@pytest.mark.usefixtures("ours")
def test_retry_starts_the_same_request_as_another_release(
    started: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "1")
    request = {"$schema": "s", "function": "shop", "probe": {"payload": 1}, "labels": {"a": "b"}, "strategy": "guarded"}
    monkeypatch.setattr(executions, "describe", lambda _: execution("shop-1", request))
    monkeypatch.setattr(retrying, "newest", lambda *_: "shop-1")
    assert call("retry", "shop", "--again").exit_code == 0
    (made,) = started
    assert (made.pop("repeatable"), made.pop("key") != "7-1") == (False, True)
    assert made == {
        **{name: value for name, value in request.items() if name != "$schema"},
        "alias": "live",
        "again": True,
    }


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (None, 1, "ended more than 90 days ago"),
        (execution("shop-1", {"function": "shop"}, "RUNNING"), 6, "still running. To follow it: tidegate watch shop-1"),
        (execution("shop-1", {"function": "shop", "dry_run": True}), 6, "was no release but a dry run"),
        (execution("shop-1", "text"), 6, "dry run"),
    ],
)
def test_retry_says_what_it_cannot_start_again(
    found: Execution | None, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executions, "describe", lambda _: found)
    called = call("retry", "shop-1")
    assert (called.exit_code, said in called.stderr) == (code, True), called.stderr


@pytest.mark.usefixtures("ours")
def test_a_rollback_names_the_version_that_it_leaves(started: list[dict[str, Any]]) -> None:
    called = call("rollback", "shop", "--on-idle", "hold", "--on-hold-expired", "promote")
    assert same_as_golden(called.stderr.splitlines(), "rollback.txt")
    assert called.stderr.startswith("shop:live: from version 43 back to version 42. ")
    assert started[0]["version"] == "42"
    assert started[0]["analysis"] == {"on_idle": "hold", "on_hold_expired": "promote"}


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(
    ("named", "said"),
    [("nothing", "There is no function 'nothing'"), ("shop:beta", "shop has no alias 'beta'")],
)
def test_a_rollback_of_what_does_not_exist_says_so(named: str, said: str) -> None:
    for more in ([], ["--to", "7"]):
        called = call("rollback", named, *more)
        assert (called.exit_code, said in called.stderr) == (1, True), called.stderr


def test_a_rollback_to_a_version_that_does_not_exist_does_not_say_that_it_goes_there(
    ours: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    del ours.items["locks", "cart:live"]
    found = functions.read("shop", None)
    monkeypatch.setattr(functions, "read", lambda _, version=None: None if version else found)
    called = call("rollback", "shop", "--to", "7")
    assert called.exit_code == 6
    versions = "aws lambda list-versions-by-function --function-name shop"
    assert called.stderr == f"Error: shop has no version 7 in this account and Region. See: {versions}\n"


@pytest.mark.usefixtures("ours")
def test_watching_a_release_that_nobody_knows_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "follow", raising(Stop(Outcome.FAILED, "it is watched")))
    unknown = "shp is not known yet; a release that has just started appears in 60 s\n"
    assert call("watch", "shp").stderr == f"{unknown}Error: it is watched\n"
    assert call("watch", "shop").stderr == call("watch", "cart-2").stderr == "Error: it is watched\n"


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize(
    ("probe", "state", "left"),
    [
        ({"kind": "none"}, "Inactive", None),
        ({"kind": "provision"}, "Inactive", None),
        ({"kind": "provision"}, "Active", {"kind": "provision"}),
        ({"payload": {"ping": True}}, "Inactive", {"payload": {"ping": True}}),
    ],
)
def test_a_rollback_to_an_idle_version_has_a_probe_that_wakes_it_up(
    probe: Any, state: str, left: Any, started: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tidegate.yaml").write_text(json.dumps({"defaults": {"probe": probe}}))
    found = SimpleNamespace(function="shop", version="42", state=state)
    monkeypatch.setattr(functions, "read", lambda *_: found)
    called = call("rollback", "shop", "--emergency", "orders fail", "--project", str(tmp_path / "tidegate.yaml"))
    assert started[0].get("probe") == left
    woken = "version 42 of shop is idle, and only an invocation wakes it up: it is probed with an empty event"
    assert (woken in called.stderr) is (left is None), called.stderr
