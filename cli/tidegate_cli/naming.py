"""Repeatable names of releases for CI jobs: derived from the released code and the run."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import click

from tidegate.domain.execution import KEY, LONGEST_NAME, distinct_name, name_digits, plain_name
from tidegate_cli import time_at_aws


class Build(NamedTuple):
    """The code and configuration to release through one alias; `changes` are those in the request."""

    function: str
    alias: str
    code_sha256: str
    config_sha256: str
    changes: Any = None


def digest(builds: Sequence[Build]) -> str:
    """Return eight hex digits that are the same for the same code and configuration through the same aliases."""
    text = json.dumps(sorted(builds), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def release_name(builds: Sequence[Build], key: str) -> str:
    """Return FUNCTION-ALIAS-DIGEST-KEY, the readable part cut to fit.

    Several targets are the first and how many more.
    """
    first = min(builds)
    readable = f"{first.function}-{first.alias}" + (f"-and-{len(builds) - 1}" if len(builds) > 1 else "")
    rest = f"-{digest(builds)}-{distinct_name(key)}"
    return readable[: LONGEST_NAME - len(rest)] + rest


def selection_name(selection: Any, key: str) -> str:
    """Return tag-NAME-VALUE-DIGEST-KEY or stack-NAME-DIGEST-KEY, the readable part cut to fit."""
    rest = f"-{name_digits(str(selection), 8)}-{distinct_name(key)}"
    return plain_name(str(selection))[: LONGEST_NAME - len(rest)] + rest


def is_of(name: str, builds: Sequence[Build]) -> bool:
    """Return whether a release of this name, if this command started it, releases the same."""
    return f"-{digest(builds)}-" in name


def key_of_run(environment: Mapping[str, str]) -> str | None:
    """Return the key that is the same as long as one run of a CI job lasts; None outside of CI."""
    for first, second in (("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"), ("CI_PIPELINE_ID", "CI_JOB_ID")):
        if first in environment and second in environment:
            return f"{environment[first]}-{environment[second]}"
    return None


def check_key(key: str) -> None:
    """Refuse a key that cannot be part of an execution's name.

    Raises
    ------
    BadParameter
        When it is invalid; the message says what is valid.
    """
    if not KEY.fullmatch(key):
        text = f"{key!r} cannot name a release: use up to 40 letters, digits, and . _ -"
        raise click.BadParameter(text, param_hint="--name")


def key_of_now() -> str:
    return datetime.fromtimestamp(time_at_aws.now(), UTC).strftime("%Y%m%dT%H%M%S-%f")[:-3]
