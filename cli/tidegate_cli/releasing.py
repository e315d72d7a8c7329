"""One call of `tidegate release` or `rollback`, from the check of the code to the exit code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Never

from tidegate.domain.request.selection import selection_of
from tidegate_cli import starting
from tidegate_cli.builds import check_sha, look
from tidegate_cli.ci import Ci, JobSummary, ci_for
from tidegate_cli.command import Shared
from tidegate_cli.ending import Ending, TargetResult
from tidegate_cli.follow import Wish
from tidegate_cli.hints import unchanged
from tidegate_cli.naming import Build, release_name, selection_name
from tidegate_cli.outcome import Outcome
from tidegate_cli.running import conclude, concluded_without, follow
from tidegate_cli.unapplied import refuse_emergency, sentence, unapplied


def wish_of(options: Mapping[str, Any]) -> Wish:
    """Return how to follow, from the options of `following`."""
    return Wish(
        poll=options["poll"],
        until=options["until"],
        timeout=options["timeout"],
        abort_on_interrupt=options["on_interrupt"] == "abort",
    )


def ci_of(options: Mapping[str, Any]) -> Ci:
    given = {name: options[name] for name in ("github", "gitlab", "dotenv")}
    return ci_for(**given, page=options["report"])


class Releasing:
    """A request on its way to a release; `repeatable` says that a later call may come with the same key.

    Without targets, Plan finds the functions: only the key can tell such a release from another one.
    """

    def __init__(
        self,
        shared: Shared,
        targets: Sequence[Mapping[str, Any]],
        request: Any,
        *,
        key: str,
        repeatable: bool,
        reword: Callable[[str], str] = unchanged,
    ) -> None:
        self._reword = reword
        self._shared = shared
        self._request = request
        self._repeatable = repeatable
        shared.connect()
        _ = shared.stack
        # The functions of a release of several Regions are not here.
        elsewhere = [Build(each["function"], each["alias"], "", "", request) for each in targets]
        self._candidates = [] if request.get("regions") else look(targets)
        self._builds = [candidate.build for candidate in self._candidates] or elsewhere
        self._name = release_name(self._builds, key) if targets else selection_name(selection_of(request), key)

    def run(self, options: Mapping[str, Any]) -> Never:
        """Start or find the release, follow it, print the result and exit."""
        ci = ci_of(options)
        if options.get("publish_sha"):
            check_sha(self._candidates, options["publish_sha"])
        found = self._find(ci, patience=options["wait_for_lock"])
        if isinstance(found, Ending):
            concluded_without(self._shared, self._name, found, ci)
        if not options["wait"]:
            sentence = f"Release {found} continues; to follow it: {self._shared.line('watch', found)}"
            concluded_without(self._shared, found, Ending(Outcome.STARTED, sentence, self._unknown()), ci)
        wish = replace(wish_of(options), reword=self._reword)
        if wish.until == "released":
            self._warn(found, wish, ci)
        conclude(self._shared, self._followed(found, wish, ci), ci)

    def _warn(self, release: str, wish: Wish, ci: Ci) -> None:
        """Warn if the credentials will expire."""
        from tidegate_cli.credentials import warning

        watch = self._shared.line("watch", release)
        said = warning(self._request, self._shared.stack.parameters, watch, wish.timeout)
        if said and not self._shared.quiet:
            ci.warn(said, title="Credentials expire before the release ends")

    def _find(self, ci: Ci, *, patience: float) -> str | Ending:
        """Return the name of the release to follow, or a message if there is nothing to do."""
        if self._repeatable and starting.exists(self._shared, self._name):
            self._say_ignored(ci, self._name, unapplied(self._shared, self._name, self._request))
            return self._name
        supersedes = self._request.get("on_conflict") == "supersede"
        under_way = starting.running_already(self._shared, self._candidates, patience=None if supersedes else patience)
        ignored = unapplied(self._shared, under_way, self._request) if under_way else []
        if under_way and not ignored:
            return under_way
        if under_way and not supersedes:
            refuse_emergency(under_way, self._request, ignored)
            self._say_ignored(ci, under_way, ignored)
            return under_way
        live = starting.already_live(self._candidates) if self._candidates else None
        if live:
            return live
        starting.start(self._shared, self._name, self._request)
        return self._name

    def _say_ignored(self, ci: Ci, release: str, ignored: list[str]) -> None:
        if ignored and not self._shared.quiet:
            ci.warn(sentence(release, ignored, same_name=release == self._name), title="Options were not applied")

    def _followed(self, release: str, wish: Wish, ci: Ci) -> JobSummary:
        report = follow(self._shared, release, wish, ci)
        if report.ending.error == "LockHeld" and report.ending.outcome is Outcome.REFUSED:
            other = starting.holder_of_same(self._candidates, self._builds)
            # Two runs for the same code began at once, and the other one was faster.
            if other and other != release:
                self._say_ignored(ci, other, unapplied(self._shared, other, self._request))
                return follow(self._shared, other, wish, ci)
        if report.ending.targets or report.ending.outcome is not Outcome.REFUSED:
            return report
        unchanged = Ending(report.ending.outcome, report.ending.sentence, self._stable(), report.ending.error)
        return JobSummary(report.release, unchanged, report.told, report.link)

    def _stable(self) -> tuple[TargetResult, ...]:
        versions = [candidate.stable.version if candidate.stable else None for candidate in self._candidates]
        return tuple(
            TargetResult(each.code.function, each.request["alias"], version, version)
            for each, version in zip(self._candidates, versions, strict=True)
        )

    def _unknown(self) -> tuple[TargetResult, ...]:
        return tuple(TargetResult(each.function, each.alias, None, each.previous) for each in self._stable())
