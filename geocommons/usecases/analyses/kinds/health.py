"""How stewardship fares on a day: what lapses, what hangs on one person, who waits, how long it lasts."""

from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pydantic import model_validator

from geocommons.analysis.equity.inequality import gini
from geocommons.analysis.stewardship.care import FEWEST, few_gave
from geocommons.analysis.stewardship.health import (
    SUCCESSOR_DAYS,
    YEAR_DAYS,
    Durations,
    Health,
    find_health,
    health_by,
    is_overdue,
)
from geocommons.analysis.stewardship.spells import find_spells
from geocommons.analysis.stewardship.survival import Survival, log_rank, survival_by
from geocommons.crs import STORAGE_CRS
from geocommons.errors import InvalidInput
from geocommons.language import Words, mark
from geocommons.usecases.analyses.service.ground import OUTSIDE
from geocommons.usecases.analyses.stewardship.held import StewardQuestion, district_of
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, number, parameter

YEARS_BACK = 5
MOST_OF_A_STATE = 40
"""So many sites of a state are listed; the drawn output has all."""
STATES = ("lapsed", "waiting", "overdue", "lapsing", "one_person")
"""What a site may be that needs looking at, the most pressing first; one that is several is the first."""
Row = dict[str, Any]


class HealthQuestion(StewardQuestion):
    """How does stewardship fare?"""

    kind: ClassVar[str] = "health"

    since: date | None = parameter(
        None,
        Words(en="Since", nl="Sinds"),
        Words(
            en="First day that counts for lapses and handovers; five years back if left out.",
            nl="Eerste dag die meetelt voor wat wegviel en werd overgedragen; anders vijf jaar terug.",
        ),
    )
    successor_days: int = parameter(
        SUCCESSOR_DAYS,
        Words(en="Days to find a successor", nl="Dagen voor een opvolger"),
        Words(
            en="A stewardship that ended has lapsed if nobody followed within so many days.",
            nl="Beheer dat eindigde is weggevallen als er binnen zoveel dagen niemand volgde.",
        ),
        ge=0,
        le=3650,
    )

    @model_validator(mode="after")
    def _before(self) -> "HealthQuestion":
        if self.since is not None and self.since > self.at:
            raise InvalidInput("Stewardship is watched from {since}, after {day}. Swap the days.", since=self.since,
                               day=self.at)  # fmt: skip
        return self

    @property
    def first_day(self) -> date:
        """The first day that counts."""
        return self.since or (pd.Timestamp(self.at) - pd.DateOffset(years=YEARS_BACK)).date()

    def prepare(self, inputs: Inputs) -> Compute:
        """Load tenures, care, duties, sites and districts, and return what counts them."""
        sites = inputs.sites(self.asked_layers, self.at)
        tenures = inputs.tenures(self.asked_layers, self.at)
        care, duties = inputs.care(self.asked_layers, self.at), inputs.duties(self.asked_layers)
        districts = inputs.context_or_none("districts")
        return lambda progress: _measure(self, tenures, (care, duties), sites, districts, progress)


def _measure(
    question: HealthQuestion,
    tenures: pd.DataFrame,
    noted: tuple[pd.DataFrame | None, pd.DataFrame | None],
    sites: GeoDataFrame,
    districts: GeoDataFrame | None,
    progress: Progress,
) -> Answer:
    window: Row = {"since": question.first_day, "successor_days": question.successor_days}
    care, duties = noted
    tenures = tenures.assign(district=district_of(tenures, sites, districts))
    # What is no site any more has a history, but nobody can look after it again.
    standing = tenures[tenures["site"].isin(sites["id"])]
    duties = None if duties is None else _due_at(sites, duties, districts)
    progress(0.2, mark("Stewardships are counted …"))
    whole = find_health(tenures, question.at, **window, activities=care, obligations=duties, gini=gini)
    here = find_health(standing, question.at, **window)
    state = _states(sites, here, standing, duties, question.at)
    told, untold = _told_care(care, question.first_day)
    carried = whole if not untold else find_health(tenures, question.at, **window, activities=told, gini=gini)
    window["obligations"] = duties
    by_layer = health_by(tenures, question.at, "layer", **window)
    by_district = {} if districts is None else health_by(standing, question.at, "district", **window)
    progress(0.6, mark("How long stewardship lasts is estimated …"))
    spells = find_spells(tenures, question.at)
    lapsed = sites.loc[sites["id"].isin(here.lapsed), "layer"].value_counts().to_dict()
    drawn = _drawn(sites, state, district_of(sites.assign(site=sites["id"], from_m=np.nan), sites, districts))
    result = {
        "totals": _figures(whole) | {"lapsed": len(here.lapsed)} | _hours(whole, carried, told, untold),
        "by_layer": {
            str(name): _figures(part) | {"lapsed": int(lapsed.get(name, 0))} for name, part in by_layer.items()
        },
        "by_district": {OUTSIDE if name is None else str(name): _figures(part) for name, part in by_district.items()},
        "states": {name: int((state == name).sum()) for name in STATES},
        "sites": _site_rows(drawn),
        **_lasting(spells, sites, districts is not None),
        **(question.params | {"since": question.first_day.isoformat()}),
    }
    return Answer(result, {"sites": drawn})


def _due_at(sites: GeoDataFrame, duties: pd.DataFrame, districts: GeoDataFrame | None) -> pd.DataFrame:
    """Return what is due at sites of the day, with the district of the site: nothing is due where none is any more."""
    there = duties[duties["site"].isin(sites["id"])]
    return there.assign(district=district_of(there.assign(from_m=np.nan), sites, districts))


def _figures(health: Health) -> Row:
    """Return the figures of a whole or a part as JSON: sites that hang on one person and lapsed ones as counts."""
    rate = {
        name: number(value) if name != "per_year" else _fine(value) for name, value in asdict(health.lapse_rate).items()
    }
    return {
        "cared_for": health.cared_for,
        "stewards": health.stewards,
        "waiting": health.waiting,
        "requests": health.requests,
        "on_one_person": len(health.on_one_person),
        "lapsed": len(health.lapsed),
        "lapse_rate": rate | {"low": _fine(health.lapse_rate.low), "high": _fine(health.lapse_rate.high)},
        "handover": _durations(health.handover),
        "wait": None if health.wait is None else _durations(health.wait),
        "overdue": None if health.overdue is None else asdict(health.overdue),
    }


def _told_care(care: pd.DataFrame | None, since: date) -> tuple[pd.DataFrame | None, int]:
    """Return the care whose hours may be told, None if none may be, and in how many layers it was left out.

    Each layer is judged by itself, whatever others are asked for: the hours of two answers, one with a layer more, then
    never differ by what few gave.
    """
    if care is None:
        return None, 0
    few = few_gave(care[care["day"] >= since], "layer")
    left_out = set(few.index[few])
    told = care[~care["layer"].isin(left_out)]
    some = not left_out or bool((told.loc[told["day"] >= since, "minutes"] > 0).any())
    return told if some else None, len(left_out)


def _hours(whole: Health, told: Health, care: pd.DataFrame | None, untold: int) -> Row:
    """Return the hours of care and how they are spread over stewards, as far as they tell nothing of a single home.

    Where no `care` may be told they are None. So is their spread where fewer than five gave any, and what the busiest
    tenth gave where that is one steward.
    """
    hours = whole.hours if care is None else told.hours
    if hours is None:
        return {"hours": None, "hours_untold_layers": untold}
    enough = care is not None and hours.givers >= FEWEST
    known = {"stewards", "givers"} | (set() if care is None else {"hours", "mean_hours"})
    known |= {"median_hours", "gini"} if enough else set()
    known |= {"top_tenth"} if enough and hours.stewards > 10 else set()
    said = {name: number(value) if name in known else None for name, value in asdict(hours).items()}
    return {"hours": said, "hours_untold_layers": untold}


def _fine(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _durations(durations: Durations) -> Row:
    quantiles = {str(share): number(days) for share, days in durations.quantiles_days.items()}
    return {"count": durations.count, "quantiles_days": quantiles}


def _states(
    sites: GeoDataFrame, health: Health, tenures: pd.DataFrame, duties: pd.DataFrame | None, day: date
) -> "np.ndarray[Any, Any]":
    """Return what each site is that needs looking at, or an empty text."""
    number_of = sites["id"].to_numpy()
    lapsing = (sites["status"] == "lapsing").to_numpy()
    asked = tenures.loc[(tenures["status"] == "requested").to_numpy() & _open_on(tenures, day), "site"]
    cared_for = find_spells(tenures, day).query("not ended")["site"]
    waiting = np.isin(number_of, asked) & ~np.isin(number_of, cared_for)
    lapsed, alone = sites["id"].isin(health.lapsed).to_numpy(), sites["id"].isin(health.on_one_person).to_numpy()
    late = np.isin(number_of, [] if duties is None else duties.loc[is_overdue(duties, day), "site"])
    return np.select([lapsed & ~waiting, waiting, late, lapsing, alone], list(STATES), default="")


def _open_on(tenures: pd.DataFrame, day: date) -> "np.ndarray[Any, Any]":
    return np.array([pd.isna(end) or end > day for end in tenures["valid_to"]], dtype=bool)


def _drawn(sites: GeoDataFrame, state: "np.ndarray[Any, Any]", district: "np.ndarray[Any, Any]") -> GeoDataFrame:
    """Return the sites that need looking at, the most pressing first."""
    frame = sites[["id", "layer", "ref", "name", "geometry"]].rename(columns={"id": "site_id"})
    frame = frame.assign(state=state, district=district)[state != ""]
    order = frame["state"].map({name: rank for rank, name in enumerate(STATES)})
    frame = frame.assign(order=order).sort_values(["order", "layer", "ref"], kind="stable", ignore_index=True)
    columns = ["site_id", "layer", "ref", "name", "state", "district", "geometry"]
    return GeoDataFrame(frame[columns], geometry="geometry", crs=STORAGE_CRS)


def _site_rows(drawn: GeoDataFrame) -> list[Row]:
    return [
        {"id": int(row["site_id"]), **{name: row[name] for name in ("layer", "ref", "name", "state", "district")}}
        for row in drawn.drop(columns="geometry").groupby("state", sort=False).head(MOST_OF_A_STATE).to_dict("records")
    ]


def _lasting(spells: pd.DataFrame, sites: GeoDataFrame, with_districts: bool) -> Row:
    """Return how long stewardship lasts by layer, and by district of the sites that there are."""
    here = spells[spells["site"].isin(sites["id"])].fillna({"district": OUTSIDE})
    return {
        "survival": _survivals(spells, "layer"),
        "log_rank": _log_rank(spells, "layer"),
        "survival_by_district": _survivals(here, "district") if with_districts else [],
        "log_rank_by_district": _log_rank(here, "district") if with_districts else None,
    }


def _survivals(spells: pd.DataFrame, by: str) -> list[Row]:
    """Return the estimate of each layer or district, by name."""
    return [_survival(one, spells[spells[by] == one.name], by) for one in survival_by(spells, by)]


def _survival(survival: Survival, own: pd.DataFrame, by: str) -> Row:
    """Return an estimate with its steps, and the durations of those that still go on, each once."""
    going_on = np.unique(own.loc[~own["ended"], "days"].to_numpy())
    table = survival.table
    steps = {name: [_fine(value) if value == value else None for value in table[name].tolist()]
             for name in ("survival", "low", "high")}  # fmt: skip
    return {
        by: str(survival.name),
        "subjects": survival.subjects,
        "ended": survival.ended,
        "median_days": number(survival.median_days),
        "median_low_days": number(survival.median_low_days),
        "median_high_days": number(survival.median_high_days),
        "five_years": _fine(float(survival.at(YEARS_BACK * YEAR_DAYS))) if _watched(own) else None,
        "one_year": _fine(float(survival.at(YEAR_DAYS))),
        "days": [int(day) for day in table["days"]],
        "at_risk": [int(count) for count in table["at_risk"]],
        **steps,
        "going_on_days": [int(days) for days in going_on],
    }


def _watched(spells: pd.DataFrame) -> bool:
    """Return whether anything was watched for as long as the five years that are told."""
    return bool((spells["days"] >= YEARS_BACK * YEAR_DAYS).any())


def _log_rank(spells: pd.DataFrame, by: str) -> Row | None:
    """Return whether layers (or districts) differ in how long stewardship lasts, None if none can: no two, no end."""
    if spells[by].nunique() < 2 or not spells["ended"].any():
        return None
    test = log_rank(spells["days"], spells["ended"], spells[by])
    groups = [
        {by: str(row["name"]), "subjects": int(row["subjects"]), "ended": int(row["ended"]),
         "expected": number(row["expected"])}
        for row in test.groups.to_dict("records")
    ]  # fmt: skip
    return {
        "statistic": number(test.statistic), "degrees": test.degrees, "p_value": _fine(test.p_value), "groups": groups,
    }  # fmt: skip
