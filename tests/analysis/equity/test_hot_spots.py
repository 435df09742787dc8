"""Hot spots agree with esda to ten digits, and name what they cannot assess."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_array, save_npz
from scipy.stats import false_discovery_control, kstest

from geocommons.analysis.equity.hot_spots import adjust_p, getis_ord, local_moran, unserved_rate
from geocommons.analysis.equity.neighbours import Neighbours, band_neighbours, nearest_neighbours, queen_neighbours
from geocommons.analysis.equity.permutations import two_sided_p
from geocommons.errors import InvalidInput

SIDE = 14
ESDA = """
import numpy as np
import esda.crand as crand
from esda import Moran_Local
from libpysal.weights import WSP
from scipy.sparse import load_npz
crand.boolean = np.bool_
w = WSP(load_npz("queen.npz")).to_W(silence_warnings=True)
np.save("p.npy", Moran_Local(np.load("rate.npy"), w, permutations=4999, seed=3, keep_simulations=False).p_sim)
"""


def squares(side: int = SIDE) -> np.ndarray:
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    return np.asarray(shapely.box(column.ravel(), row.ravel(), column.ravel() + 1, row.ravel() + 1))


@pytest.fixture(scope="module")
def queen() -> Neighbours:
    return queen_neighbours(squares())


@pytest.fixture(scope="module")
def rate() -> np.ndarray:
    """Return rates that rise to one corner, some of them exactly 0 and 1."""
    chance = np.random.default_rng(1)
    rise = np.add.outer(np.arange(SIDE), np.arange(SIDE)).ravel() / (2 * SIDE)
    return np.clip(np.round(rise + chance.normal(0, 0.35, SIDE * SIDE), 1), 0, 1)


@pytest.fixture
def peer(queen: Neighbours) -> object:
    from libpysal.weights import WSP

    return WSP(queen.copy()).to_W(silence_warnings=True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("star", [True, False])
def test_z_agrees_with_esda(queen: Neighbours, rate: np.ndarray, peer: object, star: bool) -> None:
    from esda import G_Local

    theirs = G_Local(rate, peer, transform="B", star=star, permutations=0)
    found = getis_ord(rate, queen, star=star)
    np.testing.assert_allclose(found.z, theirs.Zs, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(found.p, 2 * theirs.p_norm, rtol=1e-10, atol=1e-14)


@pytest.mark.filterwarnings("ignore")
def test_moran_and_quadrants_agree_with_esda(queen: Neighbours, rate: np.ndarray, peer: object) -> None:
    from esda import Moran_Local

    theirs = Moran_Local(rate, peer, transformation="r", permutations=0)
    found = local_moran(rate, queen)
    np.testing.assert_allclose(found.statistic, theirs.Is, rtol=1e-10, atol=1e-12)
    assert found.quadrant.tolist() == [{1: "HH", 2: "LH", 3: "LL", 4: "HL"}[number] for number in theirs.q]


def test_p_is_close_to_that_of_esda(queen: Neighbours, rate: np.ndarray, tmp_path: Path) -> None:
    # Without equal rates: esda leaves equal sums to their last binary digit. Its p is that of the smaller tail. In a
    # process of its own it need not be compiled, which takes half a minute.
    rate = rate + np.random.default_rng(6).normal(0, 0.05, len(rate))
    np.save(tmp_path / "rate.npy", rate)
    save_npz(tmp_path / "queen.npz", queen)
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    subprocess.run([sys.executable, "-W", "ignore", "-c", ESDA], cwd=tmp_path, env=environment, check=True)
    found = local_moran(rate, queen, permutations=4999, seed=4)
    np.testing.assert_allclose(found.p, np.minimum(2 * np.load(tmp_path / "p.npy"), 1), atol=0.05)


def test_p_of_every_small_deal_is_its_exact_probability() -> None:
    """Compare with all ways to deal two of five others to an area."""
    from itertools import combinations

    z = np.array([-1.5, -0.5, 0.1, 0.3, 0.5, 1.3])
    z = (z - z.mean()) / z.std()
    total, degree = np.full(6, z[3] + z[4]), np.full(6, 2)
    found = two_sided_p(z, total, degree, 40_000, np.random.default_rng(0))
    for area in range(6):
        sums = np.array([z[list(pair)].sum() for pair in combinations([i for i in range(6) if i != area], 2)])
        exact = min(1.0, 2 * min((sums >= total[0] - 1e-9).mean(), (sums <= total[0] + 1e-9).mean()))
        assert found[area] == pytest.approx(exact, abs=0.015)


def test_under_chance_alone_p_is_spread_evenly(queen: Neighbours) -> None:
    noise = np.random.default_rng(8).normal(size=SIDE * SIDE)
    found = local_moran(noise, queen, permutations=1999, seed=1)
    assert kstest(found.p, "uniform").pvalue > 0.01
    assert set(found.states()) == {"neither"}


def test_the_same_seed_gives_the_same_p_and_another_nearly_so(queen: Neighbours, rate: np.ndarray) -> None:
    one, again, other = (local_moran(rate, queen, seed=seed) for seed in (1, 1, 2))
    assert one.p.tolist() == again.p.tolist()
    assert one.p.tolist() != other.p.tolist()
    np.testing.assert_allclose(one.p, other.p, atol=0.1)


def test_an_area_of_just_the_mean_rate_is_never_significant(queen: Neighbours) -> None:
    x = np.zeros(SIDE * SIDE)
    x[:10], x[-10:] = 1.0, -1.0
    assert (local_moran(x, queen).p[x == 0] == 1).all()


def test_a_corner_where_nobody_is_served_is_hot_and_the_far_one_cold(queen: Neighbours) -> None:
    x = np.full((SIDE, SIDE), 0.5)
    x[:4, :4], x[-4:, -4:] = 1.0, 0.0
    spots = getis_ord(x.ravel(), queen).states().reshape(SIDE, SIDE)
    assert (spots[0, 0], spots[-1, -1], spots[0, -1]) == ("hot", "cold", "neither")
    clusters = local_moran(x.ravel() + np.arange(SIDE * SIDE) * 1e-6, queen, permutations=9999).states()
    assert (clusters[0], clusters[-1]) == ("HH", "LL")


def test_islands_and_areas_without_people_are_named_and_have_no_figures() -> None:
    areas = np.append(squares(4), [shapely.box(50, 50, 51, 51), shapely.box(4, 0, 5, 1), shapely.box(5, 0, 6, 1)])
    people = np.append(np.full(17, 100.0), [0, 100])
    x = unserved_rate(np.append(np.arange(17.0), [0, 40]), people)
    for found in (getis_ord(x, queen_neighbours(areas)), local_moran(x, queen_neighbours(areas))):
        # The last square touches only the one without people.
        assert (found.islands.tolist(), found.excluded.tolist()) == ([16, 18], [17])
        assert np.isnan(found.p[[16, 17, 18]]).all() and np.isnan(found.p_adjusted[[16, 17, 18]]).all()
        assert found.states()[16:].tolist() == ["island", "excluded", "island"]
        assert not np.isnan(found.p[:16]).any()


def test_areas_without_people_count_for_nothing(queen: Neighbours, rate: np.ndarray) -> None:
    gone = np.arange(SIDE * SIDE) % 9 == 0
    found = getis_ord(np.where(gone, np.nan, rate), queen)
    kept = np.flatnonzero(~gone)
    assert getis_ord(rate[kept], csr_array(queen[kept][:, kept])).z.tolist() == found.z[kept].tolist()


def test_p_is_adjusted_as_scipy_does() -> None:
    p = np.random.default_rng(2).random(200) ** 3
    np.testing.assert_allclose(adjust_p(p), false_discovery_control(p))
    assert adjust_p([0.01, np.nan, 0.04]).tolist()[::2] == [0.02, 0.04]


def test_what_cannot_be_tested_is_refused(queen: Neighbours, rate: np.ndarray) -> None:
    with pytest.raises(InvalidInput, match="Nothing stands out"):
        getis_ord(np.ones(SIDE * SIDE), queen)
    with pytest.raises(InvalidInput, match="one number for each area"):
        getis_ord(rate[1:], queen)
    with pytest.raises(InvalidInput, match="plain pairs"):
        local_moran(rate, csr_array(queen * 0.5))


def test_points_are_neighbours_by_distance_or_the_nearest_few() -> None:
    xy = [(0, 0), (3, 4), (3, 4), (100, 0)]
    assert band_neighbours(xy, within_m=5).toarray().tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0] * 4]
    near = nearest_neighbours(xy, count=1)
    assert near.toarray()[1:3, 1:3].tolist() == [[0, 1], [1, 0]]
    assert near.sum(axis=1).tolist() == [1, 1, 1, 1]
    assert nearest_neighbours([(1, 1)] * 6, count=3).diagonal().tolist() == [0] * 6
    with pytest.raises(InvalidInput, match="5 nearest of 4"):
        nearest_neighbours(xy, count=5)
