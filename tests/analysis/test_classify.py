"""Figures in classes: as mapclassify makes them, whatever the figures are."""

import mapclassify
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geocommons.analysis.classify import NO_FIGURE, SCHEMES, Scheme, classify
from geocommons.errors import InvalidInput

RATES = np.random.default_rng(7).beta(5, 2, 300)
CHOSEN = [scheme for scheme in SCHEMES if scheme != "user_defined"]
PEERS = {
    "quantiles": lambda y, k: mapclassify.Quantiles(y, k),
    "natural_breaks": lambda y, k: mapclassify.FisherJenks(y, k),
    "equal_interval": lambda y, k: mapclassify.EqualInterval(y, k),
    "pretty": lambda y, k: mapclassify.PrettyBreaks(y, k),
    "head_tail": lambda y, k: mapclassify.HeadTailBreaks(y),
    "box_plot": lambda y, k: mapclassify.BoxPlot(y),
}


@pytest.mark.parametrize("scheme", CHOSEN)
@pytest.mark.parametrize("k", [3, 5, 7])
def test_every_figure_is_in_the_class_that_mapclassify_puts_it_in(scheme: Scheme, k: int) -> None:
    peer = PEERS[scheme](RATES, k)
    found = classify(RATES, scheme, k)
    # Classes that mapclassify leaves empty at the top (an axis that runs on) have no code here.
    assert (found.codes == np.asarray(peer.yb)).all()
    assert list(found.counts) == list(peer.counts)[: len(found.counts)]
    assert found.fit == pytest.approx(1 - peer.adcm / np.abs(RATES - np.median(RATES)).sum())


@pytest.mark.parametrize("scheme", CHOSEN)
@given(
    values=st.lists(
        st.one_of(
            st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: round(x, 6)),
            st.integers(0, 4).map(float),
            st.just(float("nan")),
        ),
        max_size=60,
    ),
    k=st.integers(1, 12),
)
def test_any_figures_give_classes_that_hold_them(scheme: Scheme, values: list[float], k: int) -> None:
    figures = np.array(values, dtype=float)
    found = classify(figures, scheme, k)
    there = ~np.isnan(figures)
    assert (found.codes[~there] == NO_FIGURE).all()
    assert found.without_figure == (~there).sum()
    assert sum(found.counts) == there.sum()
    assert list(found.breaks) == sorted(set(found.breaks))
    for code, (low, high) in enumerate(found.bounds):
        inside = figures[found.codes == code]
        assert ((inside > low) | (code == 0)).all() and (inside <= high).all()
    order = np.random.default_rng(1).permutation(len(figures))
    again = classify(figures[order], scheme, k)
    assert again.breaks == found.breaks and (again.codes == found.codes[order]).all()


def test_few_distinct_figures_give_fewer_classes() -> None:
    assert classify(np.array([0.0, 1.0, 1.0, 2.0]), "quantiles", 5).counts == (1, 2, 1)
    assert classify(np.array([4.0, 4.0]), "natural_breaks", 5).breaks == (4.0,)
    assert classify(np.array([4.0]), "pretty", 5).counts == (1,)


def test_without_any_figure_there_is_no_class() -> None:
    found = classify(np.array([np.nan, np.inf]))
    assert found.breaks == found.counts == found.bounds == () and found.without_figure == 2


def test_breaks_are_round_where_rounding_moves_no_figure() -> None:
    people = np.array([103.0, 199, 310, 398, 512, 604, 689, 812, 903, 1001])
    assert classify(people, "equal_interval", 3).breaks == (400.0, 700.0, 1001.0)
    # 400 would be as round for 398.5, but 399 would change its class.
    close = np.array([100.0, 398, 399, 400, 401, 800])
    assert classify(close, "quantiles", 2).breaks == (399.0, 800.0)


def test_the_number_of_decimals_writes_breaks_as_they_are() -> None:
    found = classify(RATES, "quantiles", 5)
    assert [float(f"{one:.{found.decimals}f}") for one in found.breaks[:-1]] == list(found.breaks[:-1])


def test_natural_breaks_of_many_figures_are_near_those_of_all() -> None:
    many = np.random.default_rng(3).gamma(2, 3, 6_000)
    assert classify(many, "natural_breaks", 5).fit == pytest.approx(
        1 - mapclassify.FisherJenks(many, 5).adcm / np.abs(many - np.median(many)).sum(), abs=0.01
    )


def test_natural_breaks_find_the_few_that_differ_from_very_many() -> None:
    mostly_none = np.append(np.zeros(10_000), [1.0, 2, 3, 40, 41, 42])
    assert classify(mostly_none, "natural_breaks", 3).counts[0] >= 10_000
    assert len(classify(mostly_none, "natural_breaks", 3).breaks) == 3


def test_breaks_of_ones_own_are_kept_and_reach_the_greatest_figure() -> None:
    found = classify(np.array([10.0, 50, 75, 90]), "user_defined", breaks=[50, 75])
    assert found.breaks == (50.0, 75.0, 90.0) and found.codes.tolist() == [0, 0, 1, 2]
    assert classify(np.array([10.0]), "user_defined", breaks=[50, 75]).counts == (1, 0)


@pytest.mark.parametrize(
    ("scheme", "k", "breaks", "said"),
    [
        ("quantils", 5, None, "not a way to make classes"),
        ("quantiles", 0, None, "cannot be told apart"),
        ("quantiles", 13, None, "cannot be told apart"),
        ("quantiles", 5, [1.0], "Give both or neither"),
        ("user_defined", 5, None, "Give both or neither"),
        ("user_defined", 5, [2.0, 1.0], "do not ascend"),
        ("user_defined", 5, [], "do not ascend"),
    ],
)
def test_what_cannot_be_done_is_refused(scheme: Scheme, k: int, breaks: list[float] | None, said: str) -> None:
    values: NDArray[np.float64] = np.arange(9.0)
    with pytest.raises(InvalidInput, match=said):
        classify(values, scheme, k, breaks=breaks)
