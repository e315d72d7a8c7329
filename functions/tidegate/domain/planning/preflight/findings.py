"""What AWS and the ledger say of a target before anything is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.domain.alias import AliasState


@dataclass(frozen=True)
class Findings:
    """What AWS and the ledger say of one target.

    `configuration` is that of $LATEST, None when there is no such function; `timeouts` are those of both
    versions, in seconds; `rolled_back` is the record of an earlier release that rolled back what is to be
    released now.
    """

    configuration: Mapping[str, Any] | None
    alias: AliasState | None = None
    provisioned: bool = False
    version_exists: bool = True
    timeouts: tuple[int, ...] = ()
    rolled_back: Mapping[str, Any] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
