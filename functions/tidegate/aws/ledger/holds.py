"""Why and for how long a release is held, as its record has it."""

from tidegate.aws.ledger import partitions, table
from tidegate.aws.ledger.records import LONGEST
from tidegate.domain.rollout.pauses import Pause, condensed
from tidegate.domain.untrusted import shortened


def note_pauses(release: str, pauses: tuple[Pause, ...]) -> None:
    """Note when the release was held: that time lengthens its deadline, for recover too."""
    documents = [pause.document() for pause in condensed(pauses)]
    table.update(partitions.of_release(release), "record", {"pauses": documents}, condition="attribute_exists(#pk)")


def note_why(release: str, why: str) -> None:
    """Note why the release stays where it is, or "" that it goes on."""
    held = shortened(why, LONGEST)
    table.update(partitions.of_release(release), "record", {"held": held}, condition="attribute_exists(#pk)")
