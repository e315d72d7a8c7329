"""contract: one version does not accept the messages of the other, and the two may meet."""

import json
from collections.abc import Iterator

from tidegate.domain.foreign_text import parse_json
from tidegate.domain.planning.meetings import NEW, OLD, Meeting, meetings
from tidegate.domain.planning.message_schemas import accepts_all
from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.planning.schema_keywords import Answer, canonical
from tidegate.domain.request.parse import unusable
from tidegate.domain.request.problems import path
from tidegate.domain.truncation import first_sentences

LARGEST_SCHEMA = 256 * 1024
"""Bytes: an item of the ledger takes 400 KB."""

GUIDE = "docs/contracts.md"
BEFORE = '"contract": {"schema": "s3://…", "before": "s3://…"}'
NAMED = 3


def read_schema(uri: str, content: bytes) -> dict[str, str]:
    """Return the `text` of a JSON Schema in canonical form, or what is `wrong` with an object of S3."""
    try:
        found = parse_json(content) if len(content) <= LARGEST_SCHEMA else None
    except ValueError as error:
        return {"wrong": f"{uri} is not JSON: {error}"}
    for problem in unusable(found):
        return {"wrong": f"{uri} is no schema for messages: {path(problem.location)} {problem.text}"}
    text = canonical(found)
    if len(content) > LARGEST_SCHEMA or len(text.encode()) > LARGEST_SCHEMA:
        return {"wrong": f"{uri} is larger than {LARGEST_SCHEMA // 1024} KB"}
    return {"text": text} if isinstance(found, dict) else {"wrong": f"{uri} is no JSON Schema, which is an object"}


def released_schema(survey: Survey) -> str:
    """Return the schema of the messages of the version to release; empty if it could not be read."""
    return str(((survey.known("messages") or {}).get("schema") or {}).get("text", ""))


def contract(survey: Survey) -> Iterator[Conclusion]:
    """Find a version that does not accept the messages of the other, unless waves keep those two apart."""
    read, alias = survey.read("messages") or {}, survey.state.alias
    wrong = [each["wrong"] for each in read.values() if "wrong" in each]
    yield from (Conclusion(each, "", "Upload a JSON Schema of the messages") for each in wrong)
    if wrong or alias is None or "before" not in read:
        return
    if not read["before"]["text"]:
        yield Conclusion(
            f"nothing is known of the messages of version {alias.version}",
            "It was released without a contract; this release records its own",
            f"Name the schema of that version once: {BEFORE}",
            looked=False,
        )
        return
    old, new = (json.loads(read[name]["text"]) for name in ("before", "schema"))
    yield from _compared(survey, f"version {alias.version}", accepts_all(new, old), accepts_all(old, new))


def _compared(survey: Survey, stable: str, new_accepts: Answer, old_accepts: Answer) -> Iterator[Conclusion]:
    the_new = f"the new version does not accept all messages of {stable} ({new_accepts.sentence})"
    the_old = f"{stable} does not accept all messages of the new version ({old_accepts.sentence})"
    if new_accepts.accepts and old_accepts.accepts:
        return
    if new_accepts.accepts:
        yield from _one_way(survey, the_old, old_accepts, consumers_first=True)
    elif old_accepts.accepts:
        yield from _one_way(survey, the_new, new_accepts, consumers_first=False)
    elif None in (new_accepts.accepts, old_accepts.accepts):
        told = " and ".join(dict.fromkeys(each.sentence for each in (new_accepts, old_accepts)))
        yield Conclusion(
            f"it cannot be told which version accepts the messages of the other ({told})",
            "",
            f"Compare the two schemas there yourself, or describe the messages by other keywords ({GUIDE})",
        )
    else:
        why = "No order of the two sides avoids that"
        yield Conclusion(f"{the_new}, and {the_old}", why, f"Expand first, contract in a later release ({GUIDE})")


def _one_way(survey: Survey, found: str, refused: Answer, *, consumers_first: bool) -> Iterator[Conclusion]:
    """Conclude that one side must be first, unless this is so for all calls of the target that are known."""
    if refused.accepts is None:
        found = f"it cannot be told whether {found.replace('does not accept', 'accepts')}"
    bad = f"{NEW}-{OLD}" if consumers_first else f"{OLD}-{NEW}"
    known = [each for each in meetings(survey.plan) if survey.target in (each.caller, each.callee)]
    meeting = [each for each in known if bad in each.pairs]
    if known and not meeting:
        return
    first, then = ("consumers", "producers") if consumers_first else ("producers", "consumers")
    fix = f'Release the {first} first, the {then} in a later wave ("wave": 2) or release ({GUIDE})'
    if meeting:
        orders = dict.fromkeys(_order(each, consumers_first=consumers_first) for each in meeting)
        named = first_sentences([*orders], NAMED)
        fix = f'Release the {first} first, with "waves": "sequential": {named} ({GUIDE})'
    yield Conclusion(found, f"The other way round is compatible, so the {first} can be released first", fix)


def _order(meeting: Meeting, *, consumers_first: bool) -> str:
    ends = (meeting.callee, meeting.caller) if consumers_first else (meeting.caller, meeting.callee)
    return f"{ends[0]} in an earlier wave than {ends[1]}"
