"""Releases of several Regions when one of them does not answer, refuses calls, or still has its locks."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.builders import NOON
from tests.failing import refused
from tests.fakes.other_regions import ARN, ENDED, NAME, ONE, RAN, THREE, TWO, WENT_BACK, Reached, Release
from tests.fakes.small_aws import SmallAws, small_aws
from tidegate.aws import executions
from tidegate.aws.ledger import records, region_items
from tidegate.aws.regions import following, recovery
from tidegate.domain.execution import Execution
from tidegate.domain.region_sights import LOST_AFTER, OUTAGE, OUTAGE_BEFORE, REFUSAL, RegionSight
from tidegate.domain.schedule import MINUTE
from tidegate.entry.recover import LONGEST_STEP
from tidegate.report.load import load
from tidegate.report.model import RELEASED_UNPROVEN

DOWN = EndpointConnectionError(endpoint_url="https://states")
DENIED = refused("AccessDeniedException")


@pytest.fixture
def aws() -> Iterator[SmallAws]:
    with small_aws(SmallAws()) as found:
        yield found


def opened(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch, groups: list[list[str]], on_failure: str = "rollback"
) -> Release:
    """Open a release whose Regions are checked, and whose first one is released."""
    release = Release(aws, groups, on_failure)
    monkeypatch.setattr(following, "Reach", release.reach)
    monkeypatch.setattr(executions, "describe", lambda _: Execution(ARN, "ABORTED", NOON, NOON))
    release.poll()
    release.poll()
    first = groups[0][0]
    release.there[first].sights[f"{NAME}-{first}"] = RAN
    release.poll()
    assert release.stages[first] == "released"
    return release


def test_a_region_in_an_outage_keeps_no_other_one_from_going_back(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO, THREE]])
    assert release.stages == {ONE: "released", TWO: "releasing", THREE: "releasing"}
    release.there[THREE].fails["all"] = DOWN
    assert release.poll()["next"] == "regions"
    release.there[TWO].sights[f"{NAME}-{TWO}"] = WENT_BACK
    assert "Could not connect" in release.poll(LOST_AFTER - MINUTE)["summary"]
    assert release.stages == {ONE: "released", TWO: "unchanged", THREE: "releasing"}
    release.poll()
    assert release.stages == {ONE: "going-back", TWO: "unchanged", THREE: "releasing"}
    release.poll()
    assert release.stages[ONE] == "back"
    assert release.poll(OUTAGE - 4 * MINUTE - LOST_AFTER)["next"] == "regions"
    assert release.poll(5 * MINUTE)["next"] == "rolled_back"
    assert release.stages == {ONE: "back", TWO: "unchanged", THREE: "uncertain"}
    assert (records.record_of(NAME) or {})["ended"] == "partly-released"


def test_a_region_that_answers_again_is_followed_as_before(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO]])
    release.there[TWO].fails["all"] = DOWN
    assert release.poll()["next"] == "regions"
    assert release.poll(OUTAGE - MINUTE)["next"] == "regions"
    del release.there[TWO].fails["all"]
    assert "Could not connect" not in release.poll()["summary"]
    release.there[TWO].fails["all"] = DOWN
    assert release.poll()["next"] == "regions"
    assert release.poll(OUTAGE - MINUTE)["next"] == "regions"
    release.there[TWO].fails = {}
    release.there[TWO].sights[f"{NAME}-{TWO}"] = RAN
    assert release.poll()["next"] == "released"


def test_recover_brings_back_the_other_regions_in_an_outage_of_one(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO]])
    release.there[TWO].fails["all"] = DOWN
    assert release.recover() == []
    assert release.recover(LOST_AFTER) == []
    assert release.stages == {ONE: "going-back", TWO: "releasing"}
    assert release.recover() == []
    assert release.stages[ONE] == "back"
    assert release.there[TWO].stopped == [f"{NAME}-{TWO}"] * 3, "until it hears it"
    (said,) = release.recover(OUTAGE)
    assert f"{TWO} (123456789012) is perhaps not as before" in said
    assert aws.partition("locks") == []


@pytest.mark.parametrize("call", ["find", "start", "look"])
def test_a_release_does_not_begin_while_a_region_cannot_be_checked(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    release = Release(aws, [[ONE], [TWO]], "leave")
    monkeypatch.setattr(following, "Reach", release.reach)
    release.there[TWO].fails[call] = DOWN
    for _ in range(3):
        assert release.poll()["next"] == "regions"
    assert release.there[ONE].started == [f"{NAME}-{ONE}-check"]
    release.poll(OUTAGE_BEFORE)
    assert release.stages == {ONE: "checked", TWO: "unchanged"}
    assert (records.record_of(NAME) or {})["ended"] == "refused"


def test_a_call_that_is_refused_while_a_release_runs_is_repeated_then_the_release_is_stopped(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO]])
    release.there[TWO].fails["look"] = DENIED
    for _ in range(3):
        assert release.poll()["next"] == "regions"
    assert release.stages[TWO] == "releasing"
    assert release.there[TWO].stopped == []
    release.poll(REFUSAL)
    assert release.there[TWO].stopped == [f"{NAME}-{TWO}"]
    assert release.stages == {ONE: "going-back", TWO: "uncertain"}
    (_, two) = region_items.read(NAME, NOON)
    assert two.error == "AwsRefused"
    assert two.summary.startswith("its release may still be running: ")


def test_a_release_that_can_be_seen_but_not_stopped_is_given_up(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO, THREE]])
    release.there[TWO].sights[f"{NAME}-{TWO}"] = WENT_BACK
    release.there[THREE].fails["stop"] = DENIED
    release.poll()
    release.poll(LOST_AFTER)
    release.poll()
    assert release.stages == {ONE: "back", TWO: "unchanged", THREE: "releasing"}
    release.poll(REFUSAL)
    assert release.stages[THREE] == "uncertain"


def test_a_failure_of_the_own_ledger_is_raised(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO]])
    release.there[TWO].sights[f"{NAME}-{TWO}"] = RAN
    monkeypatch.setattr(region_items, "replace", lambda *_, **__: (_ for _ in ()).throw(DOWN))
    with pytest.raises(Exception, match="Could not connect") as raised:
        release.poll()
    assert type(raised.value).__name__ == "AwsBusy"


def test_a_region_goes_back_when_its_release_has_no_lock_any_more(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO]])
    release.there[TWO].sights[f"{NAME}-{TWO}"] = WENT_BACK
    release.there[ONE].record = {name: value for name, value in ENDED.items() if name != "ended"}
    assert release.poll()["next"] == "regions"
    assert release.poll()["next"] == "regions"
    assert release.stages[ONE] == "released"
    release.there[ONE].record = ENDED
    locked = f"a:live has been locked by release {NAME}-{ONE} since 2026-06-01: link"
    release.there[ONE].sights[f"{NAME}-{ONE}-back"] = RegionSight("FAILED", error="LockHeld", cause=locked)
    release.poll()
    release.poll()
    assert release.there[ONE].started[2:] == [f"{NAME}-{ONE}-back", f"{NAME}-{ONE}-back2"]
    release.poll()
    assert release.stages[ONE] == "back"


def test_a_region_does_not_go_back_while_another_release_has_its_lock(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO]])
    release.there[TWO].sights[f"{NAME}-{TWO}"] = WENT_BACK
    locked = "a:live has been locked by release a-hotfix since 2026-06-01: link"
    release.there[ONE].sights[f"{NAME}-{ONE}-back"] = RegionSight("FAILED", error="LockHeld", cause=locked)
    release.poll()
    release.poll()
    assert release.stages[ONE] == "uncertain"


def test_a_region_without_its_record_is_not_said_to_be_back(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO]])
    release.there[TWO].sights[f"{NAME}-{TWO}"] = WENT_BACK
    release.there[ONE].record = None
    release.poll()
    assert release.stages[ONE] == "uncertain"
    assert (records.record_of(NAME) or {})["ended"] == "partly-released"


def test_a_start_that_is_refused_is_a_failure_after_which_nothing_is_started(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Release(aws, [[ONE, TWO]], "leave")
    monkeypatch.setattr(following, "Reach", release.reach)
    release.poll()
    release.there[ONE].fails["start"] = DENIED
    assert release.poll()["next"] == "refused"
    assert release.stages == {ONE: "unchanged", TWO: "checked"}


def test_a_refused_dry_run_waits_for_the_others(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    release = Release(aws, [[ONE], [TWO]], "leave")
    monkeypatch.setattr(following, "Reach", release.reach)
    refusal = RegionSight("FAILED", error="InvalidRequest", cause="no such function")
    release.there[ONE].sights[f"{NAME}-{ONE}-check"] = refusal
    release.there[TWO].sights[f"{NAME}-{TWO}-check"] = RegionSight("RUNNING")
    release.poll()
    assert release.poll()["next"] == "regions"
    release.there[TWO].sights[f"{NAME}-{TWO}-check"] = refusal
    answer = release.poll()
    assert answer["next"] == "refused"
    assert f"{ONE} (123456789012): no such function; {TWO} (123456789012): no such function" in answer["cause"]


def test_of_two_runs_of_recover_the_later_one_leaves_it_to_the_other(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO]])
    release.there[TWO].sights[f"{NAME}-{TWO}"] = WENT_BACK
    look = Reached.look

    def overtaken(reached: Reached) -> RegionSight:
        monkeypatch.setattr(Reached, "look", look)
        release.recover()
        return look(reached)

    monkeypatch.setattr(Reached, "look", overtaken)
    assert release.recover() == []
    assert release.stages == {ONE: "going-back", TWO: "unchanged"}
    assert release.there[ONE].started[2:] == [f"{NAME}-{ONE}-back"]


def test_recover_asks_other_regions_last_and_not_for_ever(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    release = opened(aws, monkeypatch, [[ONE], [TWO]])
    release.there[TWO].sights[f"{NAME}-{TWO}"] = WENT_BACK
    assert recovery.end_regions(NAME, release.now, LONGEST_STEP, until=0) == []
    assert release.stages == {ONE: "released", TWO: "releasing"}, "nobody was asked"
    assert recovery.end_regions(NAME, release.now, LONGEST_STEP) == []
    assert release.stages == {ONE: "going-back", TWO: "unchanged"}


@pytest.mark.parametrize(
    ("proofs", "proof", "of"),
    [
        (("", ""), "", []),
        (("", "not-compared"), "not-compared", [TWO]),
        (("not-proven", "not-compared"), "not-proven", []),
    ],
)
def test_a_region_that_the_evidence_does_not_support_is_not_called_released(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch, proofs: tuple[str, str], proof: str, of: list[str]
) -> None:
    release = Release(aws, [[ONE, TWO]], "rollback")
    monkeypatch.setattr(following, "Reach", release.reach)
    for region, found in zip((ONE, TWO), proofs, strict=True):
        release.there[region].sights[f"{NAME}-{region}"] = replace(RAN, proof=found)
    release.poll()
    release.poll()
    answer = release.poll()
    assert answer["next"] == "released"
    record = records.record_of(NAME) or {}
    assert record.get("proof", "") == proof
    assert [name.partition("/")[0] for name in record.get("unproven", [])] == of
    assert ("promoted, not proven" in answer["summary"]) is ("not-proven" in proofs)
    assert ("released, not compared" in answer["summary"]) is ("not-compared" in proofs)
    report = load(NAME, aws.partition(f"release#{NAME}"), now=release.now)
    assert report.state == (RELEASED_UNPROVEN[proof] if proof else "released")
