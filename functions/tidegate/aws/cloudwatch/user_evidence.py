"""The users of a release at a tick: those in their callers' logs, with those that earlier ticks found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.aws.cloudwatch import caller_logs
from tidegate.aws.cloudwatch.error_logs import default_group
from tidegate.aws.ledger import known_users
from tidegate.aws.ledger.known_users import KeptUsers, Rows
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.by_users import UserEvidence
from tidegate.domain.analysis.exposure import count_meetings, edges
from tidegate.domain.analysis.user_lines import by_chance
from tidegate.domain.analysis.users import Users, room
from tidegate.domain.ledger_items import ReleaseItems
from tidegate.domain.schedule import minute_of


@dataclass(frozen=True)
class FoundUsers:
    """The evidence by target name, and what of it, and of who met whom, is to be kept; nothing if calls are routed."""

    evidence: Mapping[str, UserEvidence] = field(default_factory=dict)
    before: KeptUsers = field(default_factory=lambda: KeptUsers(ReleaseItems()))
    new: Rows = field(default_factory=dict)
    go_on: Mapping[str, int] = field(default_factory=dict)

    @property
    def unreadable(self) -> bool:
        return any(each.problem for each in self.evidence.values())


def gather(release: Release, now: int) -> FoundUsers:
    """Read the lines since the last tick; it may be the same tick again, and lines may be the same."""
    routing, targets = release.plan.routing, release.plan.shifting
    if not routing:
        return FoundUsers()
    before = known_users.kept(release, now)
    first = minute_of(release.shifts[0].at)
    read = caller_logs.read(_groups(release), release.name, before.go_on, first, now)
    lines = [
        *by_chance(
            read.lines, routing.salt, [shift.weight for shift in release.shifts], {*routing.always, *routing.never}
        )
    ]
    most = room(len(targets), len({step.weight for step in release.plan.strategy.steps}))
    users = {target.function: Users(before.found.users(target.function), most) for target in targets}
    new = {name: each.add(line for line in lines if line.function == name) for name, each in users.items()}
    for edge, rows in count_meetings(read.met, edges(targets)).items():
        known = [*map(list, before.found.users(edge))]
        new[edge] = [row for row in rows if [*row] not in known]
    evidence = {each.name: UserEvidence(users[each.function], read.whole_until, read.problem) for each in targets}
    return FoundUsers(evidence, before, {name: rows for name, rows in new.items() if rows}, read.go_on)


def _groups(release: Release) -> Sequence[str]:
    """Return the callers' log groups; by default those of the functions themselves, whose handlers may write lines."""
    named = release.plan.routing.log_groups if release.plan.routing else ()
    return named or sorted({default_group(target.function) for target in release.plan.shifting})


def keep(release: Release, now: int, found: FoundUsers) -> None:
    if found.go_on:
        known_users.keep(release, now, found.before, found.new, found.go_on)
