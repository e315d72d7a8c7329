"""What stands over everything that is told of a release; cheaper to read than all of its record."""

from dataclasses import dataclass

from tidegate.aws.ledger import partitions, reading, table
from tidegate.domain.errors import ReleaseUnknown

DEFAULT_BUS = "default"


@dataclass(frozen=True)
class Heading:
    """Which release it is; `event_bus` is where it is told."""

    name: str
    execution: str
    labels: dict[str, str]
    functions: tuple[str, ...]
    event_bus: str


def read(name: str) -> Heading:
    """Read it from a release's record.

    Raises
    ------
    ReleaseUnknown
        When the ledger has no such release.
    ItemUnreadable
        When its record is malformed.
    """
    record = table.get(partitions.of_release(name), "record")
    if record is None:
        raise ReleaseUnknown(f"The ledger has no release {name}.")
    with reading.of_item(partitions.of_release(name), "record"):
        plan = record["plan"]
        functions = tuple(target["function"] for target in plan["targets"])
        return Heading(name, record["execution"], record["labels"], functions, plan.get("event_bus", DEFAULT_BUS))
