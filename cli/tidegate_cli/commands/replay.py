"""`tidegate replay`: judge a past release again from CloudWatch, with other settings."""

import json
from typing import TYPE_CHECKING, Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli import time_at_aws
from tidegate_cli.command import Command, Shared
from tidegate_cli.hints import as_options, unchanged
from tidegate_cli.metric_options import judging, metrics_given
from tidegate_cli.targets import RELEASE, newest

if TYPE_CHECKING:
    from tidegate.domain.request.analysis import Analysis
    from tidegate.domain.rollout.replay import Replayed


@click.command(cls=Command, examples=["tidegate replay checkout --alpha 0.2"])
@click.argument("release", metavar="RELEASE|FUNCTION", type=RELEASE)
@click.option("--alpha", type=float, help="Probability of a false roll back.  [default: the release's]")
@click.option("--min-effect", type=float, help="Tolerated difference of rates.  [default: the release's]")
@click.option("--mde", type=float, help="Regression that a pass must rule out at 50 %.  [default: the release's]")
@judging
@click.option("--analysis", "text", metavar="JSON", help="Settings of a request's `analysis`, including metrics.")
@click.pass_obj
def replay(shared: Shared, /, release: FunctionName | str, text: str | None, **options: Any) -> None:
    """Say when RELEASE, or the newest release of FUNCTION, would have ended with other settings, minute by minute.

    The minutes are read from CloudWatch, which keeps them for 15 days. The weights are those of the release, so the
    replay ends with the first roll back; alarms and decisions are not replayed.
    """
    settings = {name: options[name] for name in ("alpha", "min_effect", "mde") if options[name] is not None}
    analysis, given = _analysis(text, settings, options)
    _ = shared.stack
    from tidegate.aws.ledger import items, known_users, records
    from tidegate.domain.ledger_items import ReleaseItems
    from tidegate.domain.rollout.replay import replay as play
    from tidegate.domain.rollout.replay import with_settings
    from tidegate.domain.rollout.replay_answer import Past, answer
    from tidegate_cli import past_release

    release = newest(shared, release)
    found = records.read(release)
    plan = with_settings(found.plan, analysis, given)
    record = records.record_of(release) or {}
    now = max(int(time_at_aws.now()), record.get("ended_at", 0))
    until = record.get("ended_at", now)
    readings, baselines = past_release.read(found, plan, until, now=now)
    known = known_users.kept(found, now).found if plan.routing else ReleaseItems()
    users = {target.name: list(known.users(target.function)) for target in plan.shifting}
    minutes = list(play(plan, readings, baselines, found.shifts, until, users=users))
    past = Past.of(items.items(release))
    said = answer(minutes, past)
    shared.output.show({"type": "replay", "release": release, "summary": said, "outcome": past.outcome}, said)
    for minute in minutes:
        _show(shared, minute)


def _analysis(text: str | None, settings: dict[str, float], options: dict[str, Any]) -> "tuple[Analysis, set[str]]":
    """Read the settings like those of a request; return also the names of the given settings.

    Raises
    ------
    UsageError
        With the path of each mistake and an example.
    """
    from tidegate.domain.errors import InvalidRequest
    from tidegate.domain.request.limits import Limits
    from tidegate.domain.request.parse import parse_request

    try:
        asked = json.loads(text) if text else {}
    except ValueError as error:
        raise click.BadParameter(f'is not JSON: {error}; example: {{"alpha": 0.2}}', param_hint="--analysis") from None
    if isinstance(asked, dict):
        asked = {**asked, **settings, **metrics_given(options, asked)}
    reword = unchanged if text else as_options(click.get_current_context().command.params)
    try:
        request = parse_request({"function": "any", "analysis": asked}, limits=Limits("*", "-"))
    except InvalidRequest as error:
        raise click.UsageError("\n".join(map(reword, error.problems))) from None
    return request.analysis, set(asked)


def _show(shared: Shared, minute: "Replayed") -> None:
    from tidegate.domain.schedule import format_time

    document: dict[str, Any] = {"type": "replayed", "at": format_time(minute.at), **minute.document()}
    told = "; ".join(target["summary"] for target in document["targets"])
    why = f": {document['why']}" if document["why"] else ""
    before = f"{document['at']}  {document['next']:<9}  "
    shared.output.show(document, f"{before}{told}{why}", indent=len(before))
