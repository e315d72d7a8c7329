"""reserved-concurrency, code-storage: a limit leaves the release no room.

Lambda guide, "Configuring reserved concurrency" and "Lambda quotas".
"""

from collections.abc import Iterator

from tidegate.domain.planning.preflight.survey import Conclusion, Survey

NEARLY_FULL = 0.9
"""Share of the code storage from which a warning comes."""

GB = 1024**3


def reserved_concurrency(survey: Survey) -> Iterator[Conclusion]:
    """Find a reserved concurrency of 0, or of 1 for two versions."""
    reserved, function = survey.state.reserved, survey.wanted.function
    if reserved == 0:
        yield Conclusion(
            f"{function} has a reserved concurrency of 0",
            "Lambda throttles every call, so the probe cannot run and no version receives traffic",
            f"aws lambda delete-function-concurrency --function-name {function}",
        )
    elif reserved == 1 and survey.stepwise:
        yield Conclusion(
            f"{function} has a reserved concurrency of 1",
            "Both versions share it: a call of one version throttles the other, and each change between them starts "
            "an environment again",
            f"aws lambda put-function-concurrency --function-name {function} --reserved-concurrent-executions 2",
        )


def code_storage(survey: Survey) -> Iterator[Conclusion]:
    """Find a code storage that is nearly full: the next version may not fit."""
    storage = survey.read("code-storage")
    if survey.wanted.version or not storage:
        return
    used, limit, size = storage["used"], storage["limit"], storage["size"]
    if used + size <= NEARLY_FULL * limit:
        return
    yield Conclusion(
        f"the account uses {used / GB:.1f} of {limit / GB:.1f} GB for code, and a version of {survey.wanted.function} "
        f"needs {size / GB:.3f} GB",
        "PublishVersion fails when the storage is full (CodeStorageExceededException)",
        f"Delete old versions: {survey.wanted.function} has {storage['versions']} published versions; with the stack's "
        f"parameter KeepVersions at {storage['keep']}, Tidegate deletes those that nothing uses, which frees "
        f"{storage['freed'] / GB:.3f} GB",
    )
