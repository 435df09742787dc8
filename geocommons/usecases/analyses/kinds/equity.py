"""Whether it is fair: who bears the gap, how unequal it is, and where those who are worse off live together."""

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
from geopandas import GeoDataFrame

from geocommons.analysis.crowding.weights import WALK_METRES
from geocommons.analysis.equity.rates import REST
from geocommons.analysis.service.coverage import group_columns
from geocommons.analysis.service.standards import Test
from geocommons.crs import STORAGE_CRS
from geocommons.errors import InvalidInput
from geocommons.language import Words, mark
from geocommons.usecases.analyses.fairness.clusters import Clusters, Near, find_clusters
from geocommons.usecases.analyses.fairness.outcome import Outcome, by_group, gathering, inequality
from geocommons.usecases.analyses.service.ground import Ground, ServiceQuestion, stand_on
from geocommons.usecases.analyses.service.served import WALKING, serve
from geocommons.usecases.analyses.service.walks import Walks, large_sites, standard_title, widest_test
from geocommons.usecases.analyses.sharing.formulas import SHARING, Crowd, share_out, steps_up_to
from geocommons.usecases.analyses.sharing.offer import PEOPLE_FOR, Measure, measure_field, offered
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, number, parameter

CLUSTERING = mark("Looking for places that lie together …")
POOREST = "low_income"
"""The group by which places are ranked from poor to rich where the question names nothing else."""


class EquityQuestion(ServiceQuestion):
    """Is what sites give spread fairly over people?"""

    kind: ClassVar[str] = "equity"
    by_many: ClassVar[bool] = True

    outcome: Literal["served", "distance", "access"] = parameter(
        "served",
        Words(en="What is compared", nl="Wat wordt vergeleken"),
        Words(en="What people have, or lack.", nl="Wat mensen hebben, of missen."),
        choices={
            "served": Words(en="living within reach or not", nl="binnen bereik wonen of niet"),
            "distance": Words(en="distance to the nearest site", nl="afstand tot de dichtstbijzijnde plek"),
            "access": Words(en="what each person has (E2SFCA)", nl="wat elk mens heeft (E2SFCA)"),
        },
    )
    measure: Measure = measure_field()
    reference: str | None = parameter(
        None,
        Words(en="Compared with", nl="Vergeleken met"),
        Words(
            en="Group to compare with. Left out: everybody else.", nl="Groep om mee te vergelijken. Leeg: ieder ander."
        ),
        of="groups",
    )
    rank_by: str | None = parameter(
        None,
        Words(en="Ranked by", nl="Gerangschikt naar"),
        Words(
            en="Group whose share ranks places, from most to least. Left out: people with a low income.",
            nl="Groep waarvan het aandeel plekken rangschikt, van meest naar minst. Leeg: mensen met een laag inkomen.",
        ),
        of="groups",
    )
    neighbours: Near | None = parameter(
        None,
        Words(en="Neighbours", nl="Buren"),
        Words(
            en="Left out: areas that touch; the nearest where areas lie apart or people are counted at points.",
            nl="Leeg: gebieden die elkaar raken; de dichtstbijzijnde waar ze los liggen of mensen op punten wonen.",
        ),
        choices={
            "queen": Words(en="areas that touch (queen)", nl="gebieden die elkaar raken (queen)"),
            "nearest": Words(en="the nearest few", nl="de dichtstbijzijnde paar"),
        },
    )
    nearest: int = parameter(
        8,
        Words(en="How many nearest", nl="Hoeveel dichtstbijzijnde"),
        Words(en="Neighbours of each place.", nl="Buren van elke plek."),
        ge=1,
        le=100,
    )
    permutations: int = parameter(
        9_999,
        Words(en="Permutations", nl="Permutaties"),
        Words(en="How often chance is tried (local Moran).", nl="Hoe vaak het toeval wordt beproefd (local Moran)."),
        ge=99,
        le=99_999,
    )

    def prepare(self, inputs: Inputs) -> Compute:
        """Load who lives where and what serves them, and return what computes how fair that is."""
        ground = stand_on(self, inputs)
        rank, test = _rank(self, ground), widest_test(self, ground)
        reach_m = test.reach_m or self.reach_m
        said: dict[str, Any] = {"reach_m": reach_m, "method": test.method, "minutes": test.minutes}
        said |= {"weights": _weights(reach_m) if self.outcome == "access" else None, "standard": standard_title(ground)}
        share: Callable[[Progress], Outcome] | None = None
        if self.outcome == "access":
            share = _sharing(self, inputs, large_sites(ground, test), test)

        def compute(progress: Progress) -> Answer:
            progress(0.1, WALKING)
            outcome = share(progress) if share else _served(self, ground)
            progress(0.6, CLUSTERING)
            clusters = find_clusters(outcome, ground, self.neighbours, self.nearest, self.permutations)
            found = _result(self, ground, outcome, clusters, rank) | said
            spots = found["clusters"]["districts"]
            districts = ground.by_district(spots, "share") if spots else {}
            return Answer(found, {"demand": _demand(ground, outcome, clusters)} | districts)

        return compute


def _rank(question: EquityQuestion, ground: Ground) -> str | None:
    """Return the column that ranks places, or refuse one that is not there; the same of the reference."""
    frame = ground.people
    groups = {name.removeprefix("group_"): name for name in group_columns(frame)}
    if question.reference is not None and question.reference not in groups:
        _refuse(question.reference, groups)
    if question.rank_by is None:
        return groups.get(POOREST)
    if question.rank_by in groups:
        return groups[question.rank_by]
    numbers = [str(name) for name in frame.columns if name != "people" and frame[name].dtype.kind in "iuf"]
    if question.rank_by not in numbers:
        _refuse(question.rank_by, groups)
    return question.rank_by


def _refuse(name: str, groups: dict[str, str]) -> None:
    raise InvalidInput(
        "The population counts no group “{name}”. It counts: {groups}.", name=name, groups=", ".join(groups) or "-"
    )


def _served(question: EquityQuestion, ground: Ground) -> Outcome:
    """Return whether people live within reach, or how far they live."""
    found = serve(ground).coverage
    people = np.asarray(found.demand["people"], dtype=np.float64)
    metres, share = (np.asarray(found.demand[name], dtype=np.float64) for name in ("distance_m", "share"))
    if question.outcome == "served":
        return Outcome(people, share, 1 - share, bounds=(0.0, 1.0), unreachable=found.unreachable)
    metres = np.where(np.isfinite(metres), metres, np.nan)
    return Outcome(people, metres, metres, unreachable=found.unreachable, left_out=found.unreachable)


def _sharing(question: EquityQuestion, inputs: Inputs, ground: Ground, test: Test) -> Callable[[Progress], Outcome]:
    """Load what sites offer, and return what computes how much each person has once everybody near shares it."""
    offer = offered(question.measure, inputs, ground.stored_sites, question.at)
    reach_m = test.reach_m or question.reach_m
    walks = Walks(inputs, ground, test, reach_m)

    def share(progress: Progress) -> Outcome:
        crowd = Crowd(ground, offer, walks.to_sites())
        progress(0.4, SHARING)
        access = share_out("e2sfca", crowd, steps_up_to(reach_m), tau_m=WALK_METRES.reach).access
        each = np.where(crowd.reach.assessed, access * PEOPLE_FOR[question.measure], np.nan)
        return Outcome(crowd.people, each, -each)

    return share


def _result(
    question: EquityQuestion, ground: Ground, outcome: Outcome, clusters: Clusters, rank: str | None
) -> dict[str, Any]:
    return {
        "people": number(float(outcome.people.sum())),
        "not_assessed": number(float(outcome.people[np.isnan(outcome.value)].sum()) - outcome.left_out),
        "unreachable": number(outcome.unreachable),
        "sites": len(ground.stored_sites),
        "mean": None if outcome.mean is None else round(outcome.mean, 4),
        "range": outcome.interval,
        "groups": by_group(outcome, ground.people, question.reference or REST),
        "inequality": inequality(outcome, ground.people),
        "concentration": gathering(outcome, ground.people, rank),
        "clusters": clusters.figures(outcome, ground),
        **question.params,
    }


def _weights(reach_m: float) -> dict[str, Any]:
    steps = steps_up_to(reach_m)
    return {"kind": "steps", "reach_m": steps.reach, "steps": [list(step) for step in steps.steps]}


def _demand(ground: Ground, outcome: Outcome, clusters: Clusters) -> GeoDataFrame:
    """Return people in EPSG:4326 with what they have, and how the place stands beside its neighbours."""
    frame = ground.people
    columns: dict[str, Any] = {name: frame[name] for name in ("people", *group_columns(frame))}
    if "district" in frame:
        columns["district"] = frame["district"].astype("str")
    columns |= {"value": np.round(outcome.value, 6)} | clusters.columns
    return GeoDataFrame(columns, geometry=ground.population.geometry.to_numpy(), crs=STORAGE_CRS)
