"""Check what a request would release, before anything is started."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.aws.lambda_ import aliases, functions
from tidegate.aws.lambda_.aliases import Alias, at_once
from tidegate.aws.lambda_.functions import FunctionState
from tidegate.domain.version import digest_of
from tidegate_cli.naming import Build
from tidegate_cli.outcome import Outcome, Stop


@dataclass(frozen=True)
class Candidate:
    """One target: `code` is the code to release (before the changes of the request), `stable` the code that serves."""

    request: Mapping[str, Any]
    code: FunctionState
    alias: Alias | None
    stable: FunctionState | None

    @property
    def name(self) -> str:
        return f"{self.request['function']}:{self.request['alias']}"

    @property
    def build(self) -> Build:
        changes = {name: self.request[name] for name in ("code", "configuration") if self.request.get(name)}
        return Build(
            self.code.function, self.request["alias"], self.code.code_sha256, _digest(self.code), changes or None
        )

    @property
    def live(self) -> bool:
        """Return whether the alias is known to serve this code with this configuration already, and nothing else."""
        if self.alias is None or self.stable is None or not self.alias.state.whole or self.build.changes:
            return False
        if self.request.get("version"):
            return self.stable.version == str(self.request["version"])
        return self.stable.same_build(self.code)


def look(targets: Sequence[Mapping[str, Any]]) -> list[Candidate]:
    """Read functions and aliases, within Lambda's quota.

    Raises
    ------
    Stop
        When a function, or the version that is to be released, does not exist.
    """
    return at_once(_look, targets)


def _look(target: Mapping[str, Any]) -> Candidate:
    function, version = target["function"], target.get("version")
    code = functions.read(function, str(version) if version else None)
    if code is None:
        if version and functions.read(function):
            there = f"aws lambda list-versions-by-function --function-name {function}"
            raise Stop(Outcome.REFUSED, f"{function} has no version {version} in this account and Region. See: {there}")
        there = "aws lambda list-functions"
        raise Stop(Outcome.REFUSED, f"there is no function {function!r} in this account and Region. See: {there}")
    alias = aliases.read(function, target["alias"])
    stable = functions.read(function, alias.state.version) if alias else None
    return Candidate(target, code, alias, stable)


def _digest(state: FunctionState) -> str:
    """Return a digest of everything except the code that makes a version, including Lambda's own digest, if present.

    The time of the last change replaces a setting that cannot be read: two unknown settings are not equal.
    """
    unknown = None if digest_of(state.settings) else state.configuration.get("LastModified")
    told = [state.configuration.get("ConfigSha256"), state.settings, unknown]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def check_sha(candidates: Sequence[Candidate], wanted: str) -> None:
    """Refuse code that differs from the deployed code; digests are base64 (Lambda) or hex (sha256sum).

    Raises
    ------
    Stop
        When $LATEST of a function contains different code.
    """
    for candidate in candidates:
        found = candidate.code.code_sha256
        if wanted not in {found, _hex(found)} and wanted.lower() != _hex(found):
            what = f"$LATEST of {candidate.code.function}" if candidate.code.version == "$LATEST" else candidate.name
            raise Stop(
                Outcome.REFUSED,
                f"{what} contains code {found}, not {wanted}: different code was deployed in the meantime. Nothing was "
                "started.",
            )


def _hex(digest: str) -> str:
    try:
        return base64.b64decode(digest, validate=True).hex()
    except binascii.Error:
        return digest
