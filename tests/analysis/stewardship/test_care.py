"""Which hours would tell what one home did, and what else must stay untold so that no sum tells them."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from geocommons.analysis.stewardship.care import FEWEST, few_gave, few_gave_all, untold

ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 60)), min_size=1, max_size=40
)  # fmt: skip


def care(*rows: tuple[int, int, int]) -> pd.DataFrame:
    """Return care by (site, claimant, minutes); claimants from 7 on are clubs."""
    found = pd.DataFrame(rows, columns=["site", "claimant", "minutes"])
    return found.assign(kind=["person" if claimant < 7 else "group" for claimant in found["claimant"]])


def test_a_site_of_one_home_is_not_told_and_takes_others_with_it_until_five_gave() -> None:
    five = [(1, who, 10) for who in range(5)]
    assert untold(care(*five), "site") == set()
    assert untold(care(*five, (2, 5, 60)), "site") == {1, 2}, "the sum less site 1 would tell site 2"
    assert untold(care(*five, (2, 5, 60), (3, 7, 9), (4, 8, 9)), "site") == {1, 2, 3, 4}
    apart = [(site, site, 10) for site in range(2, 7)]
    assert untold(care(*five, *apart), "site") == {2, 3, 4, 5, 6}, "five homes hide each other"
    assert untold(care((1, 7, 10), (2, 8, 10)), "site") == set(), "clubs are no homes"


@given(ROWS)
def test_what_is_hidden_together_tells_nobodys_hours(rows: list[tuple[int, int, int]]) -> None:
    noted = care(*rows)
    hidden, few = untold(noted, "site"), few_gave(noted, "site")
    assert set(few.index[few]) <= hidden
    together = noted[noted["site"].isin(hidden) & (noted["minutes"] > 0)]
    if hidden and not few_gave_all(noted):
        assert together["claimant"].nunique() >= FEWEST or set(together["kind"]) == {"group"}
    else:
        assert hidden <= set(noted["site"])
