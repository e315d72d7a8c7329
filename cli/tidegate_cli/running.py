"""From a release to its end: follow it in a view, tell the CI system, print the result, give the exit code."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Never

import click

from tidegate.domain.foreign_text import one_line
from tidegate_cli.ci import KNOWN_TO_THE_LEDGER, Ci, JobSummary
from tidegate_cli.command import Shared
from tidegate_cli.ending import Ending
from tidegate_cli.error_sentences import answer_or_stop, show_whole, stop_for
from tidegate_cli.follow import Follower, Wish
from tidegate_cli.next_commands import next_commands
from tidegate_cli.release_state import Eye
from tidegate_cli.reporting import with_report_of_release
from tidegate_cli.terminal import say, width_of
from tidegate_cli.views import view_for
from tidegate_cli.wrapping import tell


def follow(shared: Shared, release: str, wish: Wish, ci: Ci) -> JobSummary:
    """Follow a release until it ends, or until the command is interrupted, which does not affect the release."""
    link = shared.stack.console_link(release)
    eye = Eye(release, shared.stack.execution(release))
    with ci.folded(f"release {release}"), view_for(shared) as view:
        follower = Follower(eye, view, wish, resume=shared.line("watch", release), link=link)
        ending = _in_any_case(follower, (lambda: _abort(shared, release)) if wish.abort_on_interrupt else None)
        if ending.outcome not in KNOWN_TO_THE_LEDGER and not shared.json:
            view.note(ending.outcome.word, ending.sentence)
    return JobSummary(release, ending, follower.told, link)


def _in_any_case(follower: Follower, abort: Callable[[], None] | None) -> Ending:
    """Return an ending even if the command fails: a failed command does not end the release."""
    try:
        return _interruptibly(follower, abort)
    except Exception as error:
        stop = stop_for(error)
        if stop:
            return follower.lost(str(stop))
        show_whole(error)  # a mistake of ours
        return follower.lost(f"The command itself failed ({type(error).__name__}: {error})")


def _interruptibly(follower: Follower, abort: Callable[[], None] | None) -> Ending:
    """Follow; on an interrupt, abort if requested and continue to follow. On a second interrupt, stop watching."""
    try:
        return follower.follow()
    except KeyboardInterrupt:
        if abort is None:
            return follower.detached()
    stop = answer_or_stop(abort)
    if stop:
        return follower.detached(f"The release could not be aborted: {stop}")
    return _interruptibly(follower, None)


def _abort(shared: Shared, release: str) -> None:
    from tidegate_cli.invoke import ask, who

    order = {"release": release, "decision": "abort", "by": who() or "tidegate", "via": "command"}
    reason = "The command that followed the release was interrupted."
    ask(shared, "DecideFunction", {**order, "reason": reason}, "take decisions")


def conclude(shared: Shared, report: JobSummary, ci: Ci) -> Never:
    """Tell the CI system, print the result as the last thing on stdout, and exit."""
    report = with_report_of_release(shared, report, ci)
    ci.end(report)
    ending = report.ending
    if not shared.quiet and not shared.json:
        for line in next_commands(shared, report.release, ending, width=width_of(err=True)):
            say(line, err=True)
    if shared.quiet and ending.outcome.code:
        tell(f"Error: {one_line(ending.sentence)}", err=True)
    shared.output.show(_document(report), "\n".join(_lines(report)), indent=None)
    raise click.exceptions.Exit(ending.outcome.code)


def concluded_without(shared: Shared, release: str, ending: Ending, ci: Ci) -> Never:
    """Print a result without following a release."""
    if not shared.quiet and not shared.json:
        tell(one_line(ending.sentence), err=True)
    conclude(shared, JobSummary(release, ending, (), shared.stack.console_link(release)), ci)


def _lines(report: JobSummary) -> Iterator[str]:
    """Return outcome, function, alias, version that serves now, release; `-` if unknown."""
    word = report.ending.outcome.word
    for target in report.ending.targets:
        yield f"{word} {target.function} {target.alias} {target.version or '-'} {report.release}"
    if not report.ending.targets:
        yield f"{word} - - - {report.release}"


def _document(report: JobSummary) -> dict[str, object]:
    ending = report.ending
    return {
        "type": "outcome",
        "outcome": ending.outcome.word,
        "exit": ending.outcome.code,
        "release": report.release,
        "summary": ending.sentence,
        "error": ending.error or None,
        "targets": [asdict(target) for target in ending.targets],
        "console_url": report.link,
    }
