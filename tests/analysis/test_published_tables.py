"""What books and papers print comes out: figures that nobody here worked out."""

from pathlib import Path

import geopandas as gpd
import libpysal
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from geocommons.analysis.crowding.catchments import build_catchments
from geocommons.analysis.crowding.floating import two_step_access
from geocommons.analysis.crowding.weights import Binary
from geocommons.analysis.equity.hot_spots import adjust_p, getis_ord, local_moran
from geocommons.analysis.equity.neighbours import Neighbours, band_neighbours, queen_neighbours
from geocommons.analysis.equity.rates import wilson_interval
from geocommons.analysis.stewardship.survival import estimate_survival, log_rank
from geocommons.analysis.stewardship.ties import TieNetwork, find_network

EXAMPLES = Path(libpysal.__file__).parent / "examples"
FAMILIES = """
Acciaiuoli-Medici Castellani-Peruzzi Castellani-Strozzi Castellani-Barbadori Medici-Barbadori Medici-Ridolfi
Medici-Tornabuoni Medici-Albizzi Medici-Salviati Salviati-Pazzi Peruzzi-Strozzi Peruzzi-Bischeri
Strozzi-Ridolfi Strozzi-Bischeri Ridolfi-Tornabuoni Tornabuoni-Guadagni Albizzi-Ginori Albizzi-Guadagni
Bischeri-Guadagni Guadagni-Lamberteschi
"""


def network_of(edges: list[tuple[int, int]]) -> TieNetwork:
    """Return the network of plain pairs, of weight 1 each."""
    return find_network(pd.DataFrame(edges, columns=["one", "other"]).assign(weight=1))


def test_who_lives_within_reach_of_two_physicians_has_both_their_ratios() -> None:
    # Luo & Wang 2003, the figure of the two-step method: catchment a has one physician for 8 people, b one for 4, and
    # who lives in both has 1/8 + 1/4 = 0.375.
    only_a, both, only_b = range(6), range(6, 8), range(8, 10)
    pairs = [(home, 0) for home in (*only_a, *both)] + [(home, 1) for home in (*both, *only_b)]
    home, site = zip(*pairs, strict=True)
    near = build_catchments(home, site, np.ones(len(home)), demands=10, sites=2, weight=Binary(1.0))
    found = two_step_access(near, np.ones(10), [1, 1])
    assert found.ratio.tolist() == [1 / 8, 1 / 4]
    assert found.access.tolist() == [0.125] * 6 + [0.375] * 2 + [0.25] * 2


def test_hot_spots_of_six_points_are_those_in_the_manual_of_pysal() -> None:
    # esda.G_Local: points, values and z as its documentation prints them, Gi and Gi*.
    points = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
    near, value = band_neighbours(points, within_m=15), [2, 3, 3.2, 5, 8, 7]
    without = [-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941]
    itself_too = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    np.testing.assert_allclose(getis_ord(value, near, star=False).z, without, atol=5e-9)
    np.testing.assert_allclose(getis_ord(value, near).z, itself_too, atol=5e-9)


def given_neighbours(file: str, count: int) -> Neighbours:
    """Return the neighbours that a file of GeoDa has: a line with number and how many, a line with theirs."""
    lines = (EXAMPLES / file).read_text().splitlines()[1:]
    pairs = [(int(head.split()[0]) - 1, int(other) - 1)
             for head, others in zip(lines[::2], lines[1::2], strict=True) for other in others.split()]  # fmt: skip
    one, other = zip(*pairs, strict=True)
    return csr_array((np.ones(len(pairs)), (one, other)), shape=(count, count))


def test_local_morans_add_up_to_the_morans_i_that_is_printed() -> None:
    # Crime in Columbus by queens (Anselin 1988; GeoDa and spdep print 0.5002), homicide around St. Louis with its own
    # file of neighbours (Messner et al. 1999; the manual of PySAL prints 0.24365582621771659).
    columbus, louis = (gpd.read_file(EXAMPLES / file) for file in ("columbus/columbus.shp", "stl/stl_hom.shp"))
    crime = local_moran(columbus["CRIME"], queen_neighbours(np.asarray(columbus.geometry)), permutations=9)
    homicide = local_moran(louis["HR8893"], given_neighbours("stl/stl.gal", len(louis)), permutations=9)
    assert crime.statistic.sum() / 48 == pytest.approx(0.5001886, abs=5e-8)
    assert homicide.statistic.sum() / 77 == pytest.approx(0.24365582621771659, abs=1e-13)


def test_between_the_families_of_florence_stand_the_medici() -> None:
    # Padgett's marriages, in Wasserman & Faust 1994, table 5.1 (standardised betweenness).
    pairs = [pair.split("-") for pair in FAMILIES.split()]
    names = sorted({name for pair in pairs for name in pair})
    found = network_of([(names.index(one), names.index(other)) for one, other in pairs]).parties
    between = dict(zip(names, found["betweenness"], strict=True))
    printed = {"Medici": 0.522, "Guadagni": 0.255, "Albizzi": 0.212, "Salviati": 0.143, "Ridolfi": 0.114,
               "Bischeri": 0.104, "Strozzi": 0.103, "Barbadori": 0.093, "Tornabuoni": 0.092, "Castellani": 0.055,
               "Peruzzi": 0.022, "Pazzi": 0, "Ginori": 0, "Lamberteschi": 0, "Acciaiuoli": 0}  # fmt: skip
    assert {name: round(value, 3) for name, value in between.items()} == pytest.approx(printed, abs=0.0011)
    cut = [name for name, is_cut in zip(names, found["cut_point"], strict=True) if is_cut]
    assert cut == ["Albizzi", "Guadagni", "Medici", "Salviati"]


def test_the_karate_club_turns_on_its_instructor_and_its_president() -> None:
    # Zachary 1977: 34 members, 78 ties; betweenness 0.4376 and 0.3041 in the manual of networkx.
    found = network_of(list(nx.karate_club_graph().edges()))
    assert (len(found.parties), len(found.ties), len(found.components)) == (34, 78, 1)
    brokers = found.brokers(3)
    assert brokers["party"].tolist() == [0, 33, 32]
    np.testing.assert_allclose(brokers["betweenness"], [0.43763528, 0.30407498, 0.14524711], atol=5e-9)
    assert found.parties.set_index("party")["degree"].loc[[0, 33, 32]].tolist() == [16, 17, 12]


def test_fifteen_tests_of_myocardial_infarction_leave_four_findings() -> None:
    # Benjamini & Hochberg 1995, section 4.1: at 0.05 their procedure rejects the first four, Bonferroni's three.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
         0.7590, 1.0]  # fmt: skip
    assert (adjust_p(p) <= 0.05).tolist() == [True] * 4 + [False] * 11


@pytest.mark.parametrize(
    ("served", "people", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_those_of_newcombe(served: int, people: int, low: float, high: float) -> None:
    # Newcombe 1998, table I, method 3 (score without correction).
    assert wilson_interval(served, people) == pytest.approx((low, high), abs=5e-5)


def test_leukaemia_with_and_without_maintenance_is_as_miller_has_it() -> None:
    # Miller 1981, Survival Analysis (the `aml` of R): weeks until relapse; + is no relapse so far.
    weeks = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    ended = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    other_weeks, other_ended = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1] * 5 + [0] + [1] * 6
    kept = estimate_survival(weeks, ended)
    assert kept.table["days"].tolist() == [9, 13, 18, 23, 31, 34, 48]
    printed = [0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184]
    np.testing.assert_allclose(kept.table["survival"], printed, atol=5e-4)
    np.testing.assert_allclose(np.sqrt(kept.table["variance"])[:4], [0.0867, 0.1163, 0.1397, 0.1526], atol=5e-5)
    assert (kept.median_days, estimate_survival(other_weeks, other_ended).median_days) == (31, 23)
    test = log_rank(weeks + other_weeks, ended + other_ended, [1] * 11 + [0] * 12)
    assert (round(test.statistic, 1), test.degrees, round(test.p_value, 4)) == (3.4, 1, 0.0653)
    np.testing.assert_allclose(test.groups["expected"], [7.31, 10.69], atol=5e-3)
