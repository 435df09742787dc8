"""What changed between two days: who came within reach, who fell out of it, and which sites moved that."""

from datetime import date
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from geocommons.analysis.service.change import CHANGES, Change, find_change
from geocommons.crs import STORAGE_CRS
from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.usecases.analyses.service.ground import OUTSIDE, Ground, ServiceQuestion, stand_on
from geocommons.usecases.analyses.service.served import WALKING, Served, serve, share_of
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, number, parameter, stretch

PEOPLE = ("people_gained", "people_lost", "people_nearer", "people_moved")


class ChangeQuestion(ServiceQuestion):
    """What changed in whom the sites of some layers reach, from one day to another?"""

    kind: ClassVar[str] = "change"
    by_many: ClassVar[bool] = True

    since: date | None = parameter(
        None,
        Words(en="Compared with", nl="Vergeleken met"),
        Words(
            en="The earlier day; a year before, if left out.", nl="De eerdere dag; een jaar eerder, als u niets invult."
        ),
    )

    @property
    def earlier(self) -> date:
        """The day that is compared with."""
        if self.since is not None:
            return self.since
        leap = self.at.month == 2 and self.at.day == 29
        return self.at.replace(year=self.at.year - 1, day=28 if leap else self.at.day)

    def prepare(self, inputs: Inputs) -> Compute:
        """Load what was and what is, and return what compares them; a scenario's changes hold on the later day only."""
        if self.earlier >= self.at:
            raise InvalidInput("The earlier day must be before {day}.", day=self.at)
        now = stand_on(self, inputs)
        then = stand_on(self.model_copy(update={"at": self.earlier}), inputs.before())

        def compute(progress: Progress) -> Answer:
            progress(0.1, WALKING)
            before = serve(then, progress=stretch(progress, 0.1, 0.5))
            progress(0.5, WALKING)
            after = serve(now, progress=stretch(progress, 0.5, 0.9))
            keys_then, keys_now = _keys(then), _keys(now)
            found = find_change(
                before.coverage.demand, after.coverage.demand, sites_before=keys_then, sites_after=keys_now
            )  # fmt: skip
            result = _result(self, before, after, found)
            drawn = {"change": _demand(after, found), "sites": _sites(then, now, found)}
            return Answer(result, drawn | now.by_district(result["districts"], "more", "share_more"))

        return compute


def _keys(ground: Ground) -> list[tuple[str, str]]:
    return list(zip(ground.stored_sites["layer"], ground.stored_sites["ref"], strict=True))


def _demand(after: Served, found: Change) -> GeoDataFrame:
    frame = after.demand[["people", *(["district"] if "district" in after.demand else []), "geometry"]].copy()
    frame["change"] = np.asarray(CHANGES, dtype=object)[found.change]
    return frame


def _sites(then: Ground, now: Ground, found: Change) -> GeoDataFrame:
    """Return the sites that came or went, or that people moved to or from, with where they are (EPSG:4326)."""
    every = pd.concat([now.stored_sites, then.stored_sites], ignore_index=True).drop_duplicates(["layer", "ref"])
    keys = pd.MultiIndex.from_frame(every[["layer", "ref"]])
    rows = every.iloc[keys.get_indexer(pd.MultiIndex.from_tuples(list(found.sites["site"]), names=["layer", "ref"]))]
    frame = rows[["layer", "ref", "name", "geometry"]].reset_index(drop=True)
    for name in ("fate", *PEOPLE):
        frame[name] = found.sites[name].to_numpy()
    moved = (frame["fate"] != "kept") | (frame[list(PEOPLE)].sum(axis=1) > 0)
    return GeoDataFrame(frame[moved].reset_index(drop=True), geometry="geometry", crs=STORAGE_CRS)


def _result(question: ChangeQuestion, before: Served, after: Served, found: Change) -> dict[str, Any]:
    first = after.by_test[0][0]
    by_district = {row["name"] or OUTSIDE: _row(row) for row in _named(found.districts)}
    return {
        "before": share_of(before.coverage.totals) | {"sites": len(before.ground.sites)},
        "after": share_of(after.coverage.totals) | {"sites": len(after.ground.sites)},
        "change": {name: number(value) for name, value in found.totals.items()},
        "districts": by_district,
        "groups": {row["name"]: _row(row) for row in _named(found.groups)},
        "moved_by": _moved_by(before.ground, after.ground, found),
        **question.params,
        "since": question.earlier.isoformat(),
        "reach_m": first.reach_m,
        "method": first.method,
        "minutes": first.minutes,
    }


def _moved_by(then: Ground, now: Ground, found: Change) -> list[dict[str, Any]]:
    """Return the sites that came, went, or that people gained or lost, with how many."""
    names = {
        key: name
        for ground in (then, now)
        for key, name in zip(_keys(ground), ground.stored_sites["name"], strict=False)
    }
    rows = [
        {"layer": row["site"][0], "ref": row["site"][1], "name": names.get(row["site"]), "fate": row["fate"]}
        | {name: number(row[name]) for name in PEOPLE}
        for row in found.sites.to_dict("records")
    ]
    told = [row for row in rows if row["fate"] != "kept" or row["people_gained"] or row["people_lost"]]
    return sorted(told, key=lambda row: -(row["people_gained"] + row["people_lost"]))


def _named(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return rows whose name is a text, or None for people outside all districts."""
    return [row | {"name": None if pd.isna(row["name"]) else str(row["name"])} for row in table.to_dict("records")]


def _row(row: dict[Any, Any]) -> dict[str, Any]:
    more = row["gained"] - row["lost"]
    figures = {name: number(row[name]) for name in ("people", *CHANGES)} | {"more": number(more)}
    return figures | {"share_more": round(more / row["people"], 4) if row["people"] else None}
