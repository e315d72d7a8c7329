"""What must be true of every release, however it went. Each gives sentences about what is not."""

import re
from collections.abc import Callable, Iterator

from tests.faults.aftermath import MINUTE, Aftermath, Ending, State
from tests.faults.endings import SPLIT, Redriven, Stopped, TimedOut
from tests.faults.outside import StatusEvents
from tests.faults.scenario import BROKEN, FAILING, HEALTHY, REFUSE, STABLE

UNDONE = {"recovered", "superseded"}
"""Undone by others than its own execution."""
ENDINGS: dict[str, set[str]] = {
    "Released": {"released"},
    "Refused": {"refused", "superseded"},
    "Rolled back": {"rolled-back", "refused", *UNDONE},
    "Left to recover": {"rolled-back", *UNDONE},
}
"""What the ledger may say of an execution whose states came to their end."""
EVENTS = {"released": "finished", "rolled-back": "rolled-back", "recovered": "recovered", "superseded": "superseded"}


def aliases_are_whole_and_right(after: Aftermath) -> Iterator[str]:
    for target, line in after.timelines.items():
        allowed = _allowed(after, target)
        if line.last not in allowed:
            yield f"{target} is {line.last}, not {' or '.join(map(str, allowed))}; it was {line.states}"


def _allowed(after: Aftermath, target: str) -> list[State]:
    if after.ledger_gone:  # nobody can tell whether what Finish had moved was promoted
        return [(STABLE, {}), *([(after.canary, {})] if after.finishing else [])]
    version = after.canary if after.promoted(target) else STABLE
    moved = after.moved_by_someone.get(target)
    if moved is None:
        return [(version, {})]
    theirs: State = (moved[0], {})
    # After the promotion the alias is theirs, weights and all.
    return [theirs, moved, (version, {})] if after.promoted(target) else [theirs]


def nobody_is_overwritten(after: Aftermath) -> Iterator[str]:
    for target, moved in after.moved_by_someone.items():
        states = after.timelines[target].states
        if moved in states and moved[0] != STABLE:
            later = states[states.index(moved) :]
            if any(version != moved[0] for version, _ in later):
                yield f"{target}: someone set {moved}, and it was overwritten: {later}"


def aliases_are_whole_in_time(after: Aftermath) -> Iterator[str]:
    for target, line in after.timelines.items():
        late = line.settled_at - after.last_end
        runs = after.runs_of_recover(after.last_end, line.settled_at)
        if late > after.whole_within and runs >= after.whole_within / MINUTE:
            allowed = f"allowed: {after.whole_within:.0f} s, or {after.whole_within / MINUTE:.0f} runs of recover"
            yield f"{target} was whole only {late:.0f} s and {runs} runs after the end ({allowed})"


def no_lock_is_left(after: Aftermath) -> Iterator[str]:
    if after.locks:
        yield f"still locked: {', '.join(after.locks)}"


def the_record_is_complete(after: Aftermath) -> Iterator[str]:
    if after.ledger_gone:
        return
    for ending in after.endings:
        if ending.record is None:
            if ending.state not in {"Plan", "Refused"}:
                yield f"{ending.name} has no record in the ledger"
            continue
        if "ended" not in ending.record or not ending.record.get("outcome"):
            yield f"the record of {ending.name} is open: {ending.status}, {ending.state}"
        event = EVENTS.get(ending.outcome)
        if event and event not in ending.kinds:
            yield f"{ending.name} is {ending.outcome} and has no event {event}: {sorted(ending.kinds)}"
        if ending.promoted != (ending.outcome == "released"):
            yield f"the record of {ending.name} says {ending.record['status']} and {ending.outcome}"


def the_ledger_remembers_the_versions(after: Aftermath) -> Iterator[str]:
    if after.ledger_gone:
        return
    for target, history in after.history.items():
        live = after.canary if after.promoted(target) else None
        if history.live != live:
            yield f"the ledger says that releases left {target} on version {history.live}, not {live}"
    for ending in after.endings:
        blame = (ending.record or {}).get("blame")
        for target in blame["failed"] if blame and not ending.promoted else []:
            if after.canary not in after.history[target].failed:
                yield f"version {after.canary} failed on {target}, and the ledger does not remember it"


def the_execution_tells_the_truth(after: Aftermath) -> Iterator[str]:
    for ending in after.endings:
        if after.ledger_gone:
            yield from _untrue_sentences(after, ending)
            continue
        if (ending.status == "SUCCEEDED") > ending.promoted:
            yield f"{ending.name} SUCCEEDED and was not promoted"
        if ending.status == "FAILED" and ending.promoted:
            yield f"{ending.name} FAILED ({ending.error}: {ending.cause}) and is promoted"
        if ending.status in {"SUCCEEDED", "FAILED"} and ending.outcome not in _outcomes(after, ending.state):
            yield f"{ending.name} ended in {ending.state}, its record says {ending.outcome}"
        if ending.status == "FAILED" and not (ending.error and ending.cause):
            yield f"{ending.name} FAILED and does not say why: {ending.error!r}, {ending.cause!r}"
        if ending.error.startswith("States."):
            yield f"{ending.name} FAILED with a name of Step Functions' own: {ending.error}"
        yield from _untrue_sentences(after, ending)


def _outcomes(after: Aftermath, state: str) -> set[str]:
    """Give what the ledger may say; Plan refuses the redrive of a release that was recovered while it was in Plan."""
    redriven = {"recovered"} if state == "Refused" and Redriven.kind in after.struck else set()
    return ENDINGS.get(state, set()) | redriven


def _untrue_sentences(after: Aftermath, ending: Ending) -> Iterator[str]:
    for target, version in re.findall(r"(\S+) is 100 % on version (\d+) again", ending.cause):
        if target not in after.timelines:  # it carries the canary of routed users, and is looked at by itself
            continue
        if after.timelines[target].at(ending.ended_at) != (version, {}) and target not in after.moved_by_someone:
            yield f"{ending.name} says that {target} is on version {version} again"
    for target in re.findall(r"(\S+) was moved by someone else", ending.cause):
        if target not in after.moved_by_someone and len(after.endings) == 1:
            yield f"{ending.name} says that someone else moved {target}"


def nobody_is_blamed_wrongly(after: Aftermath) -> Iterator[str]:
    alone = len(after.endings) == 1
    true = {
        "VersionFailed": after.release.canary == FAILING,
        "WorseAfterPromotion": after.release.canary == FAILING,
        "InitFailed": after.release.canary == BROKEN,
        "AliasMoved": bool(after.moved_by_someone) or not alone,
        # Nobody does; what an earlier release's last try changes late is another's to a later one.
        "LatestChanged": not alone,
        # Whatever sleeps is back in time.
        "VersionWakingUp": False,
        "RolledBackBefore": not alone,
        "LockHeld": not alone,
        "HookRefused": after.release.hooks == REFUSE,
    }
    for ending in after.endings:
        if not true.get(ending.error, True):
            yield f"{ending.name} says {ending.error}: {ending.cause!r}, and nothing of the kind happened"
        if ending.error == "LockHeld" and not any(
            f"release {other.name} since" in ending.cause for other in after.endings if other is not ending
        ):
            yield f"{ending.name} does not say who holds the lock: {ending.cause!r}"


def what_was_refused_got_no_traffic(after: Aftermath) -> Iterator[str]:
    if all(ending.outcome == "refused" for ending in after.endings) and not after.moved_by_someone:
        for target, line in after.timelines.items():
            if any(after.canary in (version, *weights) for version, weights in line.states):
                yield f"{target} carried version {after.canary}, and the release is called refused"


def what_was_not_probed_gets_no_traffic(after: Aftermath) -> Iterator[str]:
    for target, line in after.timelines.items():
        carried = any(after.canary in (version, *weights) for version, weights in line.states)
        probed = any(f"probed#{target}" in ending.kinds for ending in after.endings)
        if carried and not probed and target not in after.moved_by_someone:
            yield f"{target} carried version {after.canary} before it was probed: {line.states}"


def bad_versions_are_not_released(after: Aftermath) -> Iterator[str]:
    for ending in after.endings:
        if ending.doomed and ending.promoted:
            yield f"{ending.name} released a {after.release.canary} version"


def what_failed_its_probe_serves_nobody(after: Aftermath) -> Iterator[str]:
    if after.release.canary != BROKEN:
        return
    if after.served:
        yield f"version {after.canary} does not start and was given {after.served} requests"
    target, line = next(iter(after.timelines.items()))
    if any(after.canary in (version, *weights) for version, weights in line.states):
        yield f"{target} carried version {after.canary}, which does not start: {line.states}"


def provisioned_concurrency_is_where_the_alias_is(after: Aftermath) -> Iterator[str]:
    """Hold that a release leaves it with the version that serves, or says that it could not."""
    target = next(iter(after.timelines))
    if after.environments is None or after.ledger_gone or target in after.moved_by_someone:
        return
    told = " ".join(str((ending.record or {}).get("outcome", "")) for ending in after.endings)
    expected = {after.canary if after.promoted(target) else STABLE}
    if after.environments != expected and "could not be removed" not in told:
        yield f"{target} has provisioned concurrency for {sorted(after.environments)}, not {sorted(expected)}"


def a_cause_names_the_ledger_that_is_gone(after: Aftermath) -> Iterator[str]:
    for ending in after.endings:
        failed_for_it = ending.state == "Rolled back" and ending.error == "AwsRefused"
        if after.ledger_gone and failed_for_it and "The ledger could not be used" not in ending.cause:
            yield f"{ending.name} does not say that the ledger is gone: {ending.cause!r}"


def waves_keep_their_order(after: Aftermath) -> Iterator[str]:
    """While a target of the second wave carries the new version, all of the first are on it, or as far as it.

    Also on the way back, by Roll back or by Recover: the second wave first, then the first, promoted or not.
    """
    if not after.release.waves or len(after.endings) > 1 or after.moved_by_someone:
        return
    if after.endings[0].outcome not in {"rolled-back", "released"} and not _recovered_between_steps(after):
        return
    lines = list(after.timelines.items())
    first = [line for index, (_, line) in enumerate(lines) if after.release.wave(index) == 1]
    for index, (target, line) in enumerate(lines):
        for at, state in line.writes[1:] if after.release.wave(index) == 2 else ():
            behind = [other for other in first if _weight(after, other.at(at)) < _weight(after, state)]
            if behind:
                yield f"{target} was {state} while the first wave was {[other.at(at) for other in behind]}"


def _recovered_between_steps(after: Aftermath) -> bool:
    """Whether Recover alone, undisturbed, undid the release, with no step at work that might shift."""
    ending, known = after.endings[0], {Stopped.kind, TimedOut.kind, StatusEvents.kind}
    return bool(after.struck) and known.issuperset(after.struck) and ending.state in SPLIT and ending.outcome in UNDONE


def _weight(after: Aftermath, state: State) -> float:
    version, weights = state
    return 1.0 if version == after.canary else weights.get(after.canary, 0.0)


def what_nothing_struck_ends_as_its_version_deserves(after: Aftermath) -> Iterator[str]:
    """Else all would hold where every release is refused, or no function runs."""
    if not after.over or after.struck:
        return
    ending, release = after.endings[0], after.release
    sure = release.canary == HEALTHY and not release.real_traffic and not release.routed
    deserved = {"rolled-back"} if ending.doomed else {"released"} if sure else {"released", "rolled-back"}
    if ending.outcome not in deserved:
        yield f"nothing struck {ending.name}, and it is {ending.outcome} ({ending.error}: {ending.cause})"


def no_user_is_sent_to_a_canary(after: Aftermath) -> Iterator[str]:
    """Its alias is where the other one is, unless somebody moved that: then on one of the release's versions."""
    for target, carrier in after.carriers.items():
        if carrier is None:
            continue
        allowed = _allowed(after, target) if target not in after.moved_by_someone else _own(after, target)
        if carrier.state not in allowed:
            yield f"the alias for routed users of {target} is {carrier.state}, not {' or '.join(map(str, allowed))}"
        if any(carrier.sent):
            yield f"{carrier.sent} (percent, always) of the users of {target} are still sent to the canary"


def _own(after: Aftermath, target: str) -> list[State]:
    return [(after.canary if after.promoted(target) else STABLE, {})]


INVARIANTS: tuple[Callable[[Aftermath], Iterator[str]], ...] = (
    aliases_are_whole_and_right,
    waves_keep_their_order,
    nobody_is_overwritten,
    aliases_are_whole_in_time,
    no_lock_is_left,
    the_record_is_complete,
    the_ledger_remembers_the_versions,
    the_execution_tells_the_truth,
    nobody_is_blamed_wrongly,
    what_was_refused_got_no_traffic,
    what_was_not_probed_gets_no_traffic,
    bad_versions_are_not_released,
    what_failed_its_probe_serves_nobody,
    a_cause_names_the_ledger_that_is_gone,
    provisioned_concurrency_is_where_the_alias_is,
    no_user_is_sent_to_a_canary,
    what_nothing_struck_ends_as_its_version_deserves,
)
