"""Where people who are worse off live together more than chance would have it: Gi* and local Moran of every place."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.analysis.equity.hot_spots import (
    QUADRANTS,
    SIGNIFICANCE,
    HotSpots,
    LocalMoran,
    getis_ord,
    local_moran,
)
from geocommons.analysis.equity.neighbours import Neighbours, islands_of, nearest_neighbours, queen_neighbours
from geocommons.analysis.service.coverage import demand_points
from geocommons.errors import InvalidInput
from geocommons.usecases.analyses.fairness.outcome import Outcome
from geocommons.usecases.analyses.service.ground import OUTSIDE, Ground
from geocommons.usecases.questions.question import number

Near = Literal["queen", "nearest"]
UNTESTED = ("island", "excluded")
SEED = 0
MOST_POINTS, MOST_UNTESTED = 300, 100
EXCLUDED = "excluded"
MOST_ALONE = 0.1
"""Where more than this part of the areas touches no other (blocks with streets between them), the nearest are meant."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """Each place beside its neighbours by its burden: "hot" and "HH" is where burdens are high together.

    Where nothing can stand out (all are alike, or too few), `refusal` says so and all places are excluded.
    """

    near: Near
    count: int
    spots: HotSpots | None = None
    moran: LocalMoran | None = None
    refusal: InvalidInput | None = None

    @property
    def states(self) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """The states by Gi* and by local Moran."""
        if self.spots is None or self.moran is None:
            return np.full(self.count, EXCLUDED, dtype=object), np.full(self.count, EXCLUDED, dtype=object)
        return self.spots.states(), self.moran.states()

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the drawn frame; NaN where nothing was tested."""
        hot, quadrant = self.states
        none = np.full(self.count, np.nan)
        z, p = (none, none) if self.spots is None else (self.spots.z, self.spots.p_adjusted)
        i, q = (none, none) if self.moran is None else (self.moran.statistic, self.moran.p_adjusted)
        figures = {"gi_z": z, "gi_p": p, "moran_i": i, "moran_p": q}
        return {"hot_spot": hot, "cluster": quadrant} | {name: np.round(row, 6) for name, row in figures.items()}

    def figures(self, outcome: Outcome, ground: Ground) -> dict[str, Any]:
        """Return the figures as JSON has them: places and people by state, by district, and points of the plot."""
        hot, quadrant = self.states
        figures: dict[str, Any] = {
            "neighbours": self.near,
            "hot_spots": _counts(hot, outcome.people),
            "quadrants": _counts(quadrant, outcome.people),
            "districts": _districts(hot, outcome.people, ground),
            "untested": _untested(hot, outcome.people, ground),
            "refusal": None
            if self.refusal is None
            else {"sentence": self.refusal.sentence, "params": self.refusal.params},
        }
        return figures | (_plot(self.moran, outcome, quadrant, ground) if self.moran else {})


def find_clusters(outcome: Outcome, ground: Ground, near: Near | None, nearest: int, permutations: int) -> Clusters:
    """Return each place beside its neighbours; a burden that is the same everywhere is no failure but a finding."""
    shapes = np.asarray(ground.people.geometry, dtype=object)
    areal = bool((shapely.get_dimensions(shapes[~shapely.is_missing(shapes)]) == 2).all())
    if near == "queen" and not areal:
        raise InvalidInput("People are counted at points, which do not touch. Choose the nearest as neighbours.")
    chosen: Near = near or "nearest"
    burden = np.where(outcome.known, outcome.burden, np.nan)
    try:
        touching = queen_neighbours(shapes) if areal and near != "nearest" else None
        if touching is not None and len(islands_of(touching)) <= MOST_ALONE * len(shapes):
            chosen = "queen"
        neighbours = touching if touching is not None and chosen == "queen" else _nearest(ground, nearest)
        spots = getis_ord(burden, neighbours)
        moran = local_moran(burden, neighbours, permutations=permutations, seed=SEED)
    except InvalidInput as refusal:
        return Clusters(chosen, len(shapes), refusal=refusal)
    return Clusters(chosen, len(shapes), spots, moran)


def _nearest(ground: Ground, count: int) -> Neighbours:
    xy = shapely.get_coordinates(demand_points(ground.people))
    return nearest_neighbours(xy, count=min(count, len(xy) - 1))


def _counts(states: NDArray[np.object_], people: NDArray[np.float64]) -> dict[str, Any]:
    """Return places and people of each state."""
    return {
        str(state): {"places": int((states == state).sum()), "people": number(float(people[states == state].sum()))}
        for state in sorted(set(states))
    }


def _names(ground: Ground) -> NDArray[np.object_]:
    frame = ground.people
    if "district" not in frame:
        return np.full(len(frame), OUTSIDE, dtype=object)
    return np.asarray(frame["district"].astype(object).where(frame["district"].notna(), OUTSIDE), dtype=object)


def _districts(hot: NDArray[np.object_], people: NDArray[np.float64], ground: Ground) -> dict[str, Any]:
    """Return the people in hot and cold spots of each district, nothing where there are no such spots."""
    names = _names(ground)
    found = {}
    for name in sorted(set(names)) if np.isin(hot, ["hot", "cold"]).any() else []:
        own = names == name
        hot_people, cold_people = (float(people[own & (hot == state)].sum()) for state in ("hot", "cold"))
        found[name] = {
            "people": number(float(people[own].sum())), "hot": number(hot_people), "cold": number(cold_people),
            "share": round(hot_people / float(people[own].sum()), 4) if people[own].sum() > 0 else None,
        }  # fmt: skip
    return found


def _untested(hot: NDArray[np.object_], people: NDArray[np.float64], ground: Ground) -> list[dict[str, Any]]:
    """Return the places that were not tested, with most people first: where they are, and why."""
    rows = np.flatnonzero(np.isin(hot, UNTESTED))
    if len(rows) == len(hot):
        return []
    rows = rows[np.lexsort((rows, -people[rows]))][:MOST_UNTESTED]
    boxes = ground.population.geometry.bounds.to_numpy().round(6)
    names = _names(ground)
    return [
        {"district": names[row], "why": str(hot[row]), "people": number(float(people[row])), "box": boxes[row].tolist()}
        for row in rows
    ]


def _plot(moran: LocalMoran, outcome: Outcome, quadrant: NDArray[np.object_], ground: Ground) -> dict[str, Any]:
    """Return Moran's I of all places and the points of its plot: all that stand out, else evenly many."""
    burden, known = outcome.burden, ~np.isnan(moran.lag) & outcome.known
    tested = outcome.known
    mean, spread = float(burden[tested].mean()), float(burden[tested].std())
    rows = np.flatnonzero(known)
    if len(rows) > MOST_POINTS:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_POINTS).round().astype(np.intp)]
    x, y = ((figures[rows] - mean) / spread for figures in (burden, moran.lag))
    names = _names(ground)
    return {
        "moran": round(float(np.nansum(moran.statistic)) / (int(tested.sum()) - 1), 6),
        "smallest_p": moran.smallest_p,
        "weak": bool(moran.smallest_p * len(np.flatnonzero(known)) > SIGNIFICANCE),
        "distinct": len(np.unique(burden[tested])),
        "points": [
            [names[row], round(float(one), 3), round(float(other), 3), quadrant[row] in QUADRANTS]
            for row, one, other in zip(rows, x, y, strict=True)
        ],
    }
