"""Notes in the record of a running release: holds, pauses, and what its promotion lacks."""

from typing import Any

from tidegate.aws.ledger import table
from tidegate.aws.ledger.records import LONGEST
from tidegate.domain.foreign_text import shortened
from tidegate.domain.ledger_items import RECORD, release_partition
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.pauses import Pause, condensed


def note_pauses(release: str, pauses: tuple[Pause, ...]) -> None:
    """Record when the release was held: that time extends its deadline, also for Recover."""
    documents = [pause.document() for pause in condensed(pauses)]
    _note(release, {"pauses": documents})


def note_proof(release: str, proof: str, unproven: tuple[str, ...]) -> None:
    """Record what the evidence of a promotion lacks, "" if nothing; see `Release`."""
    _note(release, {"proof": proof, "unproven": list(unproven)})


def note_went_back(release: str) -> None:
    """Record that some aliases of a shift that failed were moved, and will be moved back."""
    _note(release, {"went_back": True})


def note_plan(release: str, plan: ReleasePlan) -> None:
    """Record the plan with one more step."""
    _note(release, {"plan": plan.document()})


def note_expiry(release: str, until: int) -> None:
    """Record the end of a hold (seconds since 1970) that was announced."""
    _note(release, {"expiry_told": until})


def note_why(release: str, why: str) -> None:
    """Record why the release is held, or "" if it continues."""
    _note(release, {"held": shortened(why, LONGEST)})


def _note(release: str, changes: dict[str, Any]) -> None:
    table.update(release_partition(release), RECORD, changes, condition="attribute_exists(#pk)")
