"""Users are judged alike in whatever order and however often their failures are read."""

from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.judge import UserFailure, failing_users, users_evidence

SHARES = (0.05, 0.1, 0.25, 0.5)

users = st.fixed_dictionaries({"user": st.integers(0, 30), "at": st.integers(0, 1800)})


def failures(drawn: list[dict[str, int]]) -> list[UserFailure]:
    """Give each user a place, and widen every five minutes."""
    made = []
    for each in drawn:
        share = SHARES[min(3, each["at"] // 300)]
        place = (each["user"] * 37 % 31) / 31
        made.append(UserFailure(each["at"], str(each["user"]), place < share, share))
    return made


@given(drawn=st.lists(users, max_size=60), random=st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(drawn: list[dict[str, int]], random: st.DataObject) -> None:
    given_ = failures(drawn)
    shuffled = [*given_, *given_[: len(given_) // 2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined] # a Random
    first, second = failing_users(given_), failing_users(shuffled)
    assert [(m.start, m.canary, sorted(m.chances)) for m in first] == [
        (m.start, m.canary, sorted(m.chances)) for m in second
    ]


@given(drawn=st.lists(users, max_size=60), last=st.integers(-60, 10_000))
def test_a_user_is_counted_on_the_canary_once_at_most(drawn: list[dict[str, int]], last: int) -> None:
    given_ = failures(drawn)
    minutes = failing_users(given_)
    assert sum(minute.canary for minute in minutes) <= len({each.user for each in given_})
    assert all(0 < chance <= 1 for minute in minutes for chance in minute.chances)
    assert users_evidence(minutes, last) >= 0
