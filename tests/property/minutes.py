"""Minutes as the judge may be given them."""

from hypothesis import strategies as st

from tidegate.domain.judge import Minute


@st.composite
def a_minute(draw: st.DrawFn) -> Minute:
    canary_total, stable_total = draw(st.integers(0, 300)), draw(st.integers(0, 3000))
    weight = draw(st.none() | st.floats(0, 1))
    bad = draw(st.integers(0, canary_total)), draw(st.integers(0, stable_total))
    return Minute(canary_total, bad[0], stable_total, bad[1], weight)
