"""The answers of a release's hooks: a retry of the step does not ask a hook again that has answered."""

from dataclasses import dataclass

from tidegate.aws.ledger import optional, reading, table
from tidegate.aws.ledger.reading import Item, moment, typed
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.domain.ledger_items import asked_key, release_partition


@dataclass(frozen=True)
class Told:
    """What a hook came to, as a sentence; `error` is the name of the error that this is, "" for none."""

    sentence: str
    error: str = ""


def read(release: Release, token: str) -> Told | None:
    """Return the recorded answer to `token`, None without one."""
    found = table.get(release_partition(release.name), asked_key(token))
    # That of an earlier release with the same name is another.
    told = [told for at, told in reading.each([found] if found else [], _told) if at >= release.started]
    return told[0] if told else None


def _told(item: Item) -> tuple[int, Told]:
    return moment(item, "at"), Told(typed(item, "said", str), typed(item, "error", str))


def record(release: Release, token: str, told: Told, now: int) -> bool:
    """Write the answer; return False if the ledger does not take it now."""
    key = {"pk": release_partition(release.name), "sk": asked_key(token)}
    try:
        optional.put({**key, "at": now, "said": told.sentence, "error": told.error, "ttl": release.plan.expires})
    except optional.UNWRITABLE as error:
        logger.warning("the answer to %s is not written down: %s", token, error)
        return False
    return True
