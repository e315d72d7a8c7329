"""What happens to the ledger itself: its items grow or are spoilt, or all of it is gone."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, Self

from localcloud.dynamodb.sizes import LARGEST_ITEM, size_of_item
from localcloud.faults import Effect, Fault
from tests.faults.endings import SPLIT, states_of
from tests.faults.run import Run
from tests.faults.scenario import Outline
from tests.faults.trouble import Struck
from tidegate.domain.routing import canary_alias

ROOM = 16 * 1024
"""Bytes that are left in a record: more than any of these releases may still have to write to it."""
WHILE_SPLIT = 0.6
"""How often the ledger goes while the aliases are divided."""


@dataclass(frozen=True)
class AtState:
    """Something that happens when the release enters a state."""

    state: str

    kind: ClassVar[str]
    exclusive: ClassVar[str | None] = None
    reaches_recover: ClassVar[bool] = False

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        return cls(random.choice(states_of(release)))


class RecordGrows(AtState):
    """The record becomes nearly as large as DynamoDB lets an item be; what is written to it must be small."""

    kind = "a record near 400 KB"

    def inject(self, run: Run) -> Struck:
        def grow() -> None:
            client, name = run.cloud.client("dynamodb"), run.stage.ledger
            key = {"pk": {"S": f"release#{run.release.name}"}, "sk": {"S": "record"}}
            record = client.get_item(TableName=name, Key=key, ConsistentRead=True)["Item"]
            padding = "x" * (LARGEST_ITEM - ROOM - size_of_item(record) - len("padding"))
            client.update_item(
                TableName=name,
                Key=key,
                UpdateExpression="SET padding = :padding",
                ExpressionAttributeValues={":padding": {"S": padding}},
            )

        return run.at(self.state, grow)


@dataclass(frozen=True)
class ItemPoisoned(AtState):
    """Somebody spoils an item: a lock, a freeze, a record of another release; or a decision on this one."""

    which: str

    kind: ClassVar[str] = "a poisoned item"

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        return cls(random.choice(states_of(release, "Plan")), random.choice(("lock", "freeze", "record", "decision")))

    def inject(self, run: Run) -> Struck:
        return run.at(self.state, lambda: self._spoil(run))

    def _spoil(self, run: Run) -> None:
        other = f"poisoned-{run.release.number}"  # not by a name that this release is found by
        if self.which == "lock":
            run.put("locks", f"shop-{other}:live", release=7, since="yesterday")
        elif self.which == "freeze":
            run.put("freezes", f"shop-{other}*", until="for ever")
        elif self.which == "record":
            execution = run.cloud_execution(other)
            run.put(f"release#{other}", "record", schema=9, plan="of another schema", status="running")
            lock = {"release": other, "execution": execution, "since": 0, "generation": 1, "phase": "shifting"}
            run.put("locks", f"shop-{other}:live", snapshot=None, **lock)
        else:
            run.put(f"decisions#{run.release.name}", "current", started="now", decision={"kind": "eat"})


@dataclass(frozen=True)
class LedgerDeleted(AtState):
    """From one moment on nobody finds anything of the release: neither its locks, nor its record, nor their table."""

    after: float = 0.0

    kind: ClassVar[str] = "the ledger is deleted"

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        split = release.shifts and random.random() < WHILE_SPLIT
        return cls(random.choice(SPLIT if split else states_of(release)), release.after_a_wave("ledger"))

    def inject(self, run: Run) -> Struck:
        def delete() -> None:
            run.cloud.clock.sleep(self.after)
            run.ledger_gone = True
            token = run.release.token
            run.fault(Fault("dynamodb", "*", Effect.GONE, role="Function", body=token, times=None))
            for target in run.targets:
                run.remove("locks", target.full_name)
                run.remove("locks", f"{target.name}:{canary_alias(target.alias)}")

        return run.at(self.state, delete)
