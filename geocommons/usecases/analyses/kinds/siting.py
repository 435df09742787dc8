"""Where the next sites should go: which candidates, in which order, what each adds, and how good that is at least."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pydantic import field_validator, model_validator

from geocommons.analysis.service.coverage import demand_points, enter_sites, group_columns, site_places
from geocommons.analysis.siting.answer import Note, Siting, weigh_groups
from geocommons.analysis.siting.limits import Limits
from geocommons.analysis.siting.lscp import solve_lscp
from geocommons.analysis.siting.mclp import solve_mclp
from geocommons.analysis.siting.p_center import solve_p_center
from geocommons.analysis.siting.p_median import solve_p_median
from geocommons.analysis.siting.reach import Reach, build_reach
from geocommons.analysis.siting.solve import Effort
from geocommons.analysis.walk.pairs import straight_pairs, walk_pairs
from geocommons.crs import STORAGE_CRS, to_metric
from geocommons.errors import InvalidInput
from geocommons.language import Words, mark
from geocommons.layer import get_layer
from geocommons.usecases.analyses.service.ground import Ground, ServiceQuestion, large_enough, stand_on
from geocommons.usecases.analyses.service.land import find_land
from geocommons.usecases.analyses.service.served import WALKING, Served, serve, share_of
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, number, parameter

REACHING = mark("Walking from every candidate …")
CHOOSING = mark("Choosing among the candidates …")
FIRST_TEST = mark("The standard has {count} tests of a distance; places are chosen, and people counted, by the first.")
LONGEST_WALK_M = 5_000.0
MOST_CANDIDATES = 20_000
MODELS = {
    "mclp": Words(en="the most people within reach", nl="de meeste mensen binnen bereik"),
    "p_median": Words(en="the shortest walks on average", nl="gemiddeld de kortste wandelingen"),
    "p_center": Words(en="the longest walk as short as can be", nl="de langste wandeling zo kort mogelijk"),
    "lscp": Words(en="everybody within reach with the fewest sites", nl="iedereen binnen bereik met de minste plekken"),
}


class SitingQuestion(ServiceQuestion):
    """Which of some places would help most as sites?"""

    kind: ClassVar[str] = "siting"

    goal: Literal["mclp", "p_median", "p_center", "lscp"] = parameter(
        "mclp",
        Words(en="Goal", nl="Doel"),
        Words(en="What the new sites are to bring.", nl="Wat de nieuwe plekken moeten brengen."),
        choices=MODELS,
    )
    sites: int | None = parameter(
        3,
        Words(en="How many new sites", nl="Hoeveel nieuwe plekken"),
        Words(en="At most so many; empty where a budget decides.", nl="Hooguit zoveel; leeg als een budget beslist."),
        ge=1,
        le=500,
    )
    candidates: tuple[str, ...] = parameter(
        ("vacant-lots",),
        Words(en="Where they may come", nl="Waar ze mogen komen"),
        Words(
            en="Sites of these layers that can be adopted, and places that were added as candidates.",
            nl="Plekken van deze lagen die te adopteren zijn, en plekken die als kandidaat zijn toegevoegd.",
        ),
        of="layers",
    )
    points: str = parameter(
        "",
        Words(en="And at these points", nl="En op deze punten"),
        Words(
            en="Longitude and latitude of each, as 2.61,54.60; 2.62,54.59",
            nl="Lengte- en breedtegraad van elk, als 2.61,54.60; 2.62,54.59",
        ),
        max_length=4_000,
    )
    budget: Decimal | None = parameter(
        None,
        Words(en="Budget", nl="Budget"),
        Words(en="All new sites together cost at most this.", nl="Alle nieuwe plekken samen kosten hooguit dit."),
        gt=0,
        le=10**12,
    )
    cost_each: Decimal = parameter(
        Decimal(0),
        Words(en="Cost of a site", nl="Kosten van een plek"),
        Words(en="What each new site costs, whatever its size.", nl="Wat elke nieuwe plek kost, hoe groot ook."),
        ge=0,
        le=10**12,
    )
    cost_m2: Decimal = parameter(
        Decimal(0),
        Words(en="Cost of a square metre", nl="Kosten van een vierkante meter"),
        Words(
            en="Added for each square metre; a candidate with a cost of its own keeps it.",
            nl="Komt erbij voor elke vierkante meter; een kandidaat met eigen kosten houdt die.",
        ),
        ge=0,
        le=10**9,
    )
    must: str = parameter(
        "",
        Words(en="Must come", nl="Moet erbij"),
        Words(en="Numbers of candidates, with commas between.", nl="Nummers van kandidaten, met komma's ertussen."),
        max_length=2_000,
    )
    must_not: str = parameter(
        "",
        Words(en="Must not come", nl="Mag er niet bij"),
        Words(en="Numbers of candidates, with commas between.", nl="Nummers van kandidaten, met komma's ertussen."),
        max_length=2_000,
    )
    spacing_m: float = parameter(
        0.0,
        Words(en="At least so far apart (m)", nl="Minstens zo ver uit elkaar (m)"),
        Words(en="From each other and from sites that serve.", nl="Van elkaar en van plekken die er al zijn."),
        ge=0,
        le=100_000,
    )
    group: str = parameter(
        "",
        Words(en="Group that counts more", nl="Groep die zwaarder telt"),
        Words(en="A group of the population, as low_income.", nl="Een groep van de bevolking, zoals low_income."),
        of="groups",
        max_length=60,
    )
    group_weight: float = parameter(
        2.0,
        Words(en="How much more it counts", nl="Hoeveel zwaarder die telt"),
        Words(en="2: one person of the group counts as two.", nl="2: een persoon uit de groep telt als twee."),
        gt=0,
        le=1_000,
    )
    proof_s: float = parameter(
        0.0,
        Words(en="Seconds for a proof", nl="Seconden voor een bewijs"),
        Words(
            en="How long to look for the proven best; 0 is quick, with a bound.",
            nl="Hoe lang naar het bewezen beste wordt gezocht; 0 is snel, met een grens.",
        ),
        ge=0,
        le=600,
    )

    @field_validator("candidates")
    @classmethod
    def _candidate_layers(cls, candidates: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({get_layer(layer_id).id for layer_id in candidates}))

    @model_validator(mode="after")
    def _limited(self) -> "SitingQuestion":
        if self.goal != "lscp" and self.sites is None and self.budget is None:
            raise InvalidInput("Say how many new sites there may be, or give a budget.")
        return self

    def prepare(self, inputs: Inputs) -> Compute:
        """Load people, sites and candidates, and return what chooses."""
        whole = stand_on(self, inputs)
        # A candidate brings people within one distance, so now and then are told by one test too.
        ground = replace(whole, tests=whole.reaching[:1])
        offered = self._offered(inputs, ground)

        def compute(progress: Progress) -> Answer:
            progress(0.05, WALKING)
            served = serve(ground)
            progress(0.3, REACHING)
            reach = _reach(self, ground, served, offered)
            progress(0.6, CHOOSING)
            found = _choose(self, ground, served, offered, reach)
            if len(whole.reaching) > 1:
                found = replace(found, notes=(*found.notes, Note(FIRST_TEST, {"count": len(whole.reaching)})))
            return _answer(self, ground, served, offered, reach, found)

        return compute

    def _offered(self, inputs: Inputs, ground: Ground) -> GeoDataFrame:
        """Return the candidates in the metric CRS of the ground: layer, ref, name, area_m2, cost, gate, geometry."""
        land = find_land(inputs, self.candidates, self.at, points=self.points)
        land = land.iloc[large_enough(land, ground.tests[0].min_area_m2)].reset_index(drop=True)
        if land.empty:
            raise InvalidInput("There is no candidate for a site. Choose layers, add candidates, or name points.")
        if len(land) > MOST_CANDIDATES:
            raise InvalidInput("Over {most} candidates are too many. Choose fewer layers.", most=MOST_CANDIDATES)
        rate = float(self.cost_each) + float(self.cost_m2) * land["area_m2"].fillna(0.0)
        land["cost"] = land["cost"].where(land["cost"].notna(), rate)
        return to_metric(land, ground.people.crs)


@dataclass(frozen=True)
class Reached:
    """How far each candidate is from people, and how many people weigh how much."""

    reach: Reach
    weight: np.ndarray[Any, Any]
    existing_m: np.ndarray[Any, Any]


def _reach(question: SitingQuestion, ground: Ground, served: Served, offered: GeoDataFrame) -> Reached:
    """Return what lies between people and candidates, by the way in which the question measures."""
    test, covering = ground.tests[0], question.goal in ("mclp", "lscp")
    existing = served.by_test[0][1].demand["distance_m"].fillna(np.inf).to_numpy(dtype=np.float64)
    limit = float(test.reach_m or question.reach_m)
    if not covering:
        known = existing[np.isfinite(existing)]
        limit = max(limit, min(LONGEST_WALK_M, known.max(initial=0.0) or LONGEST_WALK_M))
    places, site = site_places(offered, test.measured_from)
    if test.method == "walk" and ground.network is not None and ground.snapped is not None:
        pairs = walk_pairs(ground.network, enter_sites(ground.network, places, site), ground.snapped, limit_m=limit)
        where = np.asarray(pairs.site, dtype=np.intp)
    else:
        pairs = straight_pairs(demand_points(ground.people), places, limit_m=limit)
        where = np.asarray(site[pairs.site], dtype=np.intp)
    reach = build_reach(pairs.demand, where, pairs.walk_m, n_demand=len(ground.people), n_candidates=len(offered))
    return Reached(reach, _weight(question, ground), existing)


def _weight(question: SitingQuestion, ground: Ground) -> np.ndarray[Any, Any]:
    """Return what the people of each place weigh: the group that counts more, more."""
    people: np.ndarray[Any, Any] = ground.people["people"].to_numpy(dtype=np.float64)
    if not question.group:
        return people
    column = f"group_{question.group.removeprefix('group_')}"
    if column not in ground.people:
        known = ", ".join(name.removeprefix("group_") for name in group_columns(ground.people)) or "-"
        raise InvalidInput("The population has no group “{group}”. It has: {known}.", group=question.group, known=known)
    inside = np.minimum(ground.people[column].to_numpy(dtype=np.float64), people)
    counts = np.column_stack([people - inside, inside])
    return np.asarray(weigh_groups(counts, [1.0, question.group_weight]))


def _choose(question: SitingQuestion, ground: Ground, served: Served, offered: GeoDataFrame, at: Reached) -> Siting:
    people = ground.people["people"].to_numpy(dtype=np.float64)
    middles = shapely.centroid(offered.geometry.to_numpy())
    existing = shapely.centroid(ground.sites.geometry.to_numpy())
    money = question.budget is not None or question.cost_each or question.cost_m2 or question.goal == "lscp"
    paid = money and bool((offered["cost"] > 0).any())
    limits = Limits(
        p=question.sites if question.goal != "lscp" else None,
        budget=None if question.budget is None else float(question.budget),
        cost=offered["cost"].to_numpy(dtype=np.float64) if paid else None,
        must=_named(offered, question.must), must_not=_named(offered, question.must_not),
        spacing_m=question.spacing_m, xy=shapely.get_coordinates(middles),
        existing_xy=shapely.get_coordinates(existing), names=[str(ref) for ref in offered["ref"]],
    )  # fmt: skip
    effort = Effort(exact_s=question.proof_s)
    if question.goal in ("mclp", "lscp"):
        cover = at.reach.cover()
        is_served = served.coverage.demand["share"].fillna(0.0).to_numpy() >= 0.5
        if question.goal == "lscp":
            return solve_lscp(cover, people, limits, served=is_served, effort=effort)
        return solve_mclp(cover, people, limits, served=is_served, weight=at.weight, effort=effort)
    if question.goal == "p_median":
        return solve_p_median(
            at.reach, people, limits, existing_m=at.existing_m, weight=at.weight, effort=effort
        )  # fmt: skip
    return solve_p_center(at.reach, people, limits, existing_m=at.existing_m, effort=effort)


def _named(offered: GeoDataFrame, refs: str) -> list[int]:
    """Return the positions of candidates by their numbers, or refuse one that is none."""
    wanted = [ref.strip() for ref in refs.split(",") if ref.strip()]
    position = {str(ref): at for at, ref in enumerate(offered["ref"])}
    unknown = next((ref for ref in wanted if ref not in position), None)
    if unknown is not None:
        raise InvalidInput("“{ref}” is not among the candidates. Check its number and its layer.", ref=unknown)
    return [position[ref] for ref in wanted]


def _answer(
    question: SitingQuestion, ground: Ground, served: Served, offered: GeoDataFrame, at: Reached, found: Siting
) -> Answer:
    chosen = offered.iloc[found.chosen].reset_index(drop=True)
    rows = [
        {"rank": rank, "layer": row.layer, "ref": row.ref, "name": row.title, "area_m2": number(row.area_m2),
         "cost": f"{Decimal(str(row.cost)).quantize(Decimal('0.01'))}", "adds": number(adds),
         "adds_people": number(people), "only_people": number(only)}
        for rank, (row, adds, people, only) in enumerate(
            zip(chosen.rename(columns={"name": "title"}).itertuples(), found.adds, found.adds_people,
                found.only_people, strict=True), start=1)
    ]  # fmt: skip
    people = ground.people["people"].to_numpy(dtype=np.float64)
    # Who could not be assessed is told as that, and not as out of everything's reach too.
    left = found.infeasible[(served.coverage.demand["state"] != "not_assessed").to_numpy()[found.infeasible]]
    state = _states(question, served, at, found)
    first = ground.tests[0]
    result = {
        "chosen": rows, "model": found.model, "objective": number(found.objective), "start": number(found.before),
        "bound": number(found.bound), "gap": round(found.gap, 6), "optimal": found.optimal,
        "infeasible": number(people[left].sum()), "infeasible_places": len(left),
        "unreached": _by_district(served, people, left),
        "notes": [{"sentence": note.sentence, "params": note.params} for note in found.notes],
        "offered": len(offered), "now": share_of(served.coverage.totals),
        "served_then": number(people[np.isin(state, ("served", "gained"))].sum()),
        "total_cost": f"{sum((Decimal(row['cost']) for row in rows), Decimal(0))}",
        **question.params, "reach_m": first.reach_m, "method": first.method, "minutes": first.minutes,
    }  # fmt: skip
    demand = served.demand[["people", "distance_m", "geometry"]].assign(state=state)
    table = GeoDataFrame(pd.DataFrame(rows), geometry=chosen.geometry.to_numpy(), crs=chosen.crs) if rows else chosen
    return Answer(result, {"chosen": table.drop(columns="gate", errors="ignore").to_crs(STORAGE_CRS), "demand": demand})


def _by_district(served: Served, people: np.ndarray[Any, Any], rows: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
    """Return how many people of some places live in each district, in how many places, most people first."""
    where = served.coverage.demand.get("district", pd.Series(None, range(len(people)), dtype=object))
    table = pd.DataFrame({"district": where.to_numpy(dtype=object), "people": people, "places": 1})
    sums = table.iloc[rows].query("people > 0").groupby("district", dropna=False).sum().reset_index()
    return [
        {"district": None if pd.isna(row["district"]) else row["district"], "people": number(row["people"]),
         "places": int(row["places"])}
        for row in sums.sort_values("people", ascending=False, kind="stable").to_dict("records")
    ]  # fmt: skip


def _states(
    question: SitingQuestion, served: Served, at: Reached, found: Siting
) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return of each place whether it is served now, would be (gained), not, or by no candidate (unreached)."""
    state: np.ndarray[Any, np.dtype[np.object_]] = served.coverage.demand["state"].to_numpy(dtype=object).copy()
    reach_m = served.ground.tests[0].reach_m or question.reach_m
    gains = np.zeros(len(state), dtype=bool)
    for candidate in found.chosen:
        rows = at.reach.pairs_of(candidate)
        near = at.reach.cost_m[rows] <= reach_m + 1e-6
        gains[at.reach.demand[rows][near]] = True
    state[gains & (state == "unserved")] = "gained"
    beyond = found.infeasible[state[found.infeasible] == "unserved"]
    state[beyond] = "unreached"
    return state
