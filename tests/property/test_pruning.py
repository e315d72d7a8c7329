"""Which old versions may go: never one that is needed, and all others."""

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from tidegate.aws.lambda_.pruning import OldVersion, superfluous
from tidegate.domain.schedule import DAY

numbers = st.integers(1, 60)
ages = st.sampled_from([0, 1, DAY - 1, DAY, DAY + 1, 400 * DAY])
versions = st.dictionaries(numbers, ages).map(
    lambda found: [OldVersion(number, NOON - age) for number, age in found.items()]
)


@given(versions, st.integers(1, 10), st.sets(numbers.map(str)))
def test_only_what_is_old_unused_and_not_among_the_newest_goes_and_all_of_it(
    versions: list[OldVersion], keep: int, in_use: set[str]
) -> None:
    gone = superfluous(versions, keep=keep, in_use=in_use, now=NOON)
    newest = sorted(version.number for version in versions)[-keep:]
    kept = {version.number for version in versions if str(version.number) not in gone}
    assert set(newest) <= kept
    assert not in_use & set(gone)
    assert all(NOON - version.modified >= DAY for version in versions if str(version.number) in gone)
    assert gone == [str(number) for number in sorted(map(int, gone))], "the oldest first"
    for version in versions:
        if version.number in kept and version.number not in newest and str(version.number) not in in_use:
            assert NOON - version.modified < DAY, "nothing else is kept"


@given(versions, st.integers(1, 10), st.sets(numbers.map(str)))
def test_what_is_left_would_be_left_again(versions: list[OldVersion], keep: int, in_use: set[str]) -> None:
    gone = superfluous(versions, keep=keep, in_use=in_use, now=NOON)
    left = [version for version in versions if str(version.number) not in gone]
    assert superfluous(left, keep=keep, in_use=in_use, now=NOON) == []
