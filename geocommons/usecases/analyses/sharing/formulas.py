"""Share what sites offer among the people within reach: by one of the formulas, and as figures by part of the town."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from geocommons.analysis.amounts import Floats
from geocommons.analysis.crowding.catchments import Catchments, build_catchments
from geocommons.analysis.crowding.floating import (
    METHODS,
    Access,
    catchment_ratio,
    inverted_two_step_crowdedness,
    two_step_access,
)
from geocommons.analysis.crowding.rational_agents import RationalAccess, rational_access
from geocommons.analysis.crowding.weights import WALK_METRES, Steps, Weight
from geocommons.analysis.service.coverage import group_columns
from geocommons.analysis.walk.pairs import Pairs
from geocommons.errors import InvalidInput
from geocommons.language import mark
from geocommons.usecases.analyses.service.ground import OUTSIDE, Ground
from geocommons.usecases.analyses.service.walks import Reach
from geocommons.usecases.analyses.sharing.offer import Offer
from geocommons.usecases.questions.question import number

SHARING = mark("Sharing sites among all who are near …")
Formula = Literal["2sfca", "e2sfca", "3sfca", "m2sfca", "i2sfca", "raam", "fca"]
FALLS = 0.5
"""People with less than this part of the city's mean have little; by cost, those with more than its inverse."""


@dataclass(frozen=True, eq=False)
class Crowd:
    """People on the ground, what sites offer, and who is within reach of which."""

    ground: Ground
    offer: Offer
    reach: Reach

    @property
    def people(self) -> Floats:
        """People by place."""
        return np.asarray(self.ground.people["people"], dtype=np.float64)

    @property
    def within_reach(self) -> Floats:
        """How many people live within reach of each site, whatever else is near them."""
        pairs = self.reach.pairs
        return np.asarray(np.bincount(pairs.site, self.people[pairs.demand], len(self.offer.amount)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Shared:
    """What everybody has, and how crowded sites are.

    `access` is supply a head by place (RAAM: what walk and queue cost, inf where no site is near); `crowdedness` is
    people for one unit of supply by site (NaN: it offers nothing, or reaches nobody). `lost` is the supply of
    `unreached` sites, `layout_loss` what distance keeps from people.
    """

    access: Floats
    crowdedness: Floats
    supply: float
    delivered: float
    lost: float
    layout_loss: float
    unreached: NDArray[np.intp]
    settled: bool = True


def share_out(formula: Formula, crowd: Crowd, weight: Weight, *, tau_m: float, around: Pairs | None = None) -> Shared:
    """Return how the supply of sites is shared by a formula; `around` are pairs of people with people (FCA)."""
    people, supply = crowd.people, crowd.offer.amount
    catchments = _catchments(crowd.reach.pairs, len(people), len(supply), weight)
    if formula == "raam":
        _refuse_no_supply(supply)
        found = rational_access(catchments, people, supply, tau=tau_m)
        return _queued(found, catchments, supply)
    if around is not None:
        near = _catchments(around, len(people), len(people), weight)
        return _shared(catchment_ratio(catchments, near, people, supply))
    if formula == "i2sfca":
        crowdedness = inverted_two_step_crowdedness(catchments, people, supply).crowdedness
        return _shared(two_step_access(catchments, people, supply), np.where(crowdedness > 0, crowdedness, np.nan))
    return _shared(METHODS[formula](catchments, people, supply))


def steps_up_to(reach_m: float) -> Steps:
    """Return the weights of Luo & Qi (2009) at a quarter, half and all of a reach: of 1,600 m those of 20 minutes."""
    return Steps(tuple((edge / WALK_METRES.reach * reach_m, weight) for edge, weight in WALK_METRES.steps))


def _catchments(pairs: Pairs, demands: int, sites: int, weight: Weight) -> Catchments:
    return build_catchments(pairs.demand, pairs.site, pairs.walk_m, demands=demands, sites=sites, weight=weight)


def _refuse_no_supply(supply: Floats) -> None:
    if not supply.sum() > 0:
        raise InvalidInput("No site has anything to offer on that day, so nobody queues. Choose other sites.")


def _shared(found: Access, crowdedness: Floats | None = None) -> Shared:
    if crowdedness is None:
        offered = np.nan_to_num(found.ratio) > 0
        crowdedness = np.divide(1.0, found.ratio, out=np.full(len(found.ratio), np.nan), where=offered)
    return Shared(
        access=np.nan_to_num(found.access),
        crowdedness=crowdedness,
        supply=found.supply,
        delivered=found.delivered,
        lost=found.lost_supply,
        layout_loss=found.layout_loss,
        unreached=found.unreached_sites,
    )


def _queued(found: RationalAccess, catchments: Catchments, supply: Floats) -> Shared:
    """Return what came of queues: a site that nobody chooses serves nobody, one that nobody can reach is lost."""
    unreached = np.flatnonzero(np.diff(catchments.weights.indptr) == 0)
    lost = float(supply[unreached].sum())
    crowdedness = np.divide(found.users, supply, out=np.full(len(supply), np.nan), where=supply > 0)
    crowdedness[unreached] = np.nan
    total = float(supply.sum())
    return Shared(found.cost, crowdedness, total, total - lost, lost, 0.0, unreached, found.converged)


@dataclass(frozen=True, eq=False)
class Standing:
    """What people have beside the city's mean: low is bad (`cost`: high is)."""

    access: Floats
    assessed: NDArray[np.bool_]
    cost: bool
    mean: float | None

    @property
    def without(self) -> NDArray[np.bool_]:
        """Who has nothing at all within reach."""
        nothing = ~np.isfinite(self.access) if self.cost else self.access <= 0
        return np.asarray(self.assessed & nothing)

    @property
    def little(self) -> NDArray[np.bool_]:
        """Who has less than half of the city's mean (or pays more than twice as much), nothing included."""
        if self.mean is None:
            return self.without
        below = self.access > self.mean / FALLS if self.cost else self.access < self.mean * FALLS
        return np.asarray(self.without | (self.assessed & below))

    @property
    def states(self) -> NDArray[np.object_]:
        """ "none", "little", "enough" or "not_assessed" for each place."""
        states = np.full(len(self.access), "enough", dtype=object)
        states[self.little], states[self.without], states[~self.assessed] = "little", "none", "not_assessed"
        return states


def stand(access: Floats, people: Floats, assessed: NDArray[np.bool_], *, cost: bool) -> Standing:
    """Return what people have beside the mean of all who could be assessed (and, of costs, reach anything)."""
    return Standing(access, assessed, cost, _mean(access, people, assessed))


def _mean(access: Floats, people: Floats, rows: NDArray[np.bool_]) -> float | None:
    known = rows & np.isfinite(access)
    everybody = float(people[known].sum())
    return float((people[known] * access[known]).sum()) / everybody if everybody > 0 else None


def standings(crowd: Crowd, standing: Standing, per: float) -> dict[str, Any]:
    """Return the figures of everybody, and by district and group of people, as JSON has them."""
    frame, people = crowd.ground.people, crowd.people
    every = np.ones(len(frame), dtype=bool)
    found = _part(standing, people, every, per) | {"districts": {}, "groups": {}}
    if "district" in frame:
        names = frame["district"].astype(object).where(frame["district"].notna(), OUTSIDE).to_numpy()
        for name in sorted(set(names)):
            found["districts"][name] = _part(standing, people, names == name, per)
    for column in group_columns(frame):
        counts = frame[column].to_numpy(dtype=np.float64)
        found["groups"][column.removeprefix("group_")] = _part(standing, counts, every, per)
    return found


def _part(standing: Standing, people: Floats, rows: NDArray[np.bool_], per: float) -> dict[str, Any]:
    """Return people, their mean, and how many have little or nothing, of a part of the town."""
    mean = _mean(standing.access, people, rows & standing.assessed)
    assessed, little, without = (
        float(people[rows & which].sum()) for which in (standing.assessed, standing.little, standing.without)
    )
    return {
        "people": number(float(people[rows].sum())),
        "not_assessed": number(float(people[rows & ~standing.assessed].sum())),
        "mean": None if mean is None else number(mean * per),
        "little": number(little),
        "without": number(without),
        "share": round(little / assessed, 4) if assessed > 0 else None,
    }
