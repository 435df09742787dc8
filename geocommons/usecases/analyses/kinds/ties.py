"""Who works with whom: who stands between others, and where parties share a site."""

from datetime import date
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pydantic import field_validator, model_validator

from geocommons.analysis.stewardship.ties import TieNetwork, find_network, find_ties
from geocommons.crs import STORAGE_CRS
from geocommons.errors import InvalidInput
from geocommons.language import Words, mark
from geocommons.model.party import LED_KINDS
from geocommons.model.tenure import TYPES
from geocommons.usecases.analyses.stewardship.held import StewardQuestion, held_on, kinds_of
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.question import Answer, Compute, Progress, parameter

MOST_BROKERS = 10
WORK = ("licence", "plot_rental", *TYPES["responsibility"])
"""Types of tenure by which parties do something on a site."""
Row = dict[str, Any]


class TiesQuestion(StewardQuestion):
    """Who works with whom?"""

    kind: ClassVar[str] = "ties"

    since: date | None = parameter(
        None,
        Words(en="Since", nl="Sinds"),
        Words(
            en="Only what was done together from this day on; ever, if left out.",
            nl="Alleen wat vanaf deze dag samen werd gedaan; anders ooit.",
        ),
    )
    tenure: tuple[str, ...] = parameter(
        WORK,
        Words(en="Ties by", nl="Banden door"),
        Words(
            en="Parties that have tenures of these types on one site work together.",
            nl="Partijen met rechten of plichten van deze soorten op één plek werken samen.",
        ),
        of="tenures",
    )
    members: bool = parameter(
        False,
        Words(en="Also ties by membership", nl="Ook banden door lidmaatschap"),
        Words(
            en="Members of one group are tied to it and to each other.",
            nl="Leden van één groep hebben een band met haar en met elkaar.",
        ),
    )

    @field_validator("tenure")
    @classmethod
    def _types(cls, tenure: tuple[str, ...]) -> tuple[str, ...]:
        known = [name for names in TYPES.values() for name in names]
        for name in tenure:
            if name not in known:
                raise InvalidInput("“{tenure}” is no type of tenure. Use one of: {known}.", tenure=name,
                                   known=", ".join(known))  # fmt: skip
        return tuple(sorted(set(tenure))) or WORK

    @model_validator(mode="after")
    def _before(self) -> "TiesQuestion":
        if self.since is not None and self.since > self.at:
            raise InvalidInput("Stewardship is watched from {since}, after {day}. Swap the days.", since=self.since,
                               day=self.at)  # fmt: skip
        return self

    def prepare(self, inputs: Inputs) -> Compute:
        """Load tenures and members, and return what finds the ties."""
        sites = inputs.sites(self.asked_layers, self.at)
        tenures = inputs.tenures(self.asked_layers, self.at, self.tenure)
        members = inputs.members(self.at) if self.members else None
        return lambda progress: _find(self, sites, tenures, members, progress)


def _find(
    question: TiesQuestion, sites: GeoDataFrame, tenures: pd.DataFrame, members: pd.DataFrame | None, progress: Progress
) -> Answer:
    # Whom a scenario supposes is nobody who works with anybody yet.
    tenures = tenures[tenures["claimant"] >= 0].assign(district=None)
    held = held_on(tenures, question.at)
    progress(0.2, mark("Who works with whom is sought …"))
    ties = find_ties(tenures, question.at, since=question.since, members=None if members is None else _bodies(members))
    organised = held.loc[held["kind"].isin(LED_KINDS), "claimant"].unique()
    progress(0.6, mark("Who stands between others is sought …"))
    network = find_network(ties, organised, layout="circle")  # the chart lays it out
    kinds = kinds_of(tenures)
    result = {
        "ties": [{name: int(row[name]) for name in ("one", "other", "sites", "days", "bodies", "weight")}
                 for row in network.ties.to_dict("records")],
        "parties": _party_rows(network, kinds),
        "components": [{"parties": int(row["parties"]), "ties": int(row["ties"])}
                       for row in network.components.to_dict("records") if row["parties"] > 1],
        "brokers": [int(party) for party in network.brokers(MOST_BROKERS)["party"]],
        "totals": {"parties": len(network.parties), "ties": len(network.ties),
                   "isolates": int(network.parties["isolate"].sum())},
        **question.params,
    }  # fmt: skip
    return Answer(result, {"shared": shared_sites(sites, held)})


def _bodies(members: pd.DataFrame) -> pd.DataFrame:
    """Return members with each body as one of its own members, so that it is tied to them."""
    own = members[["body"]].drop_duplicates().assign(party=lambda bodies: bodies["body"])
    return pd.concat([members, own[["party", "body"]]], ignore_index=True)


def _party_rows(network: TieNetwork, kinds: dict[int, str]) -> list[Row]:
    """Return what stands out of each party, most ties first: by number, never by name."""
    table = network.parties.sort_values(["degree", "strength", "party"], ascending=[False, False, True])
    return [
        {"party": int(row["party"]), "kind": kinds.get(row["party"], "person"), "degree": int(row["degree"]),
         "strength": int(row["strength"]), "betweenness": round(float(row["betweenness"]), 6),
         "component": int(row["component"]), "cut_point": bool(row["cut_point"])}
        for row in table.to_dict("records")
    ]  # fmt: skip


def shared_sites(sites: GeoDataFrame, held: pd.DataFrame) -> GeoDataFrame:
    """Return the sites that several parties look after together (EPSG:4326): site_id, layer, ref, name, parties.

    On a line they share some of the same metres.
    """
    held = held[["site", "claimant", "from_m", "to_m"]]
    pairs = held.merge(held, on="site", suffixes=("", "_2"))
    low = np.maximum(pairs["from_m"].fillna(-np.inf), pairs["from_m_2"].fillna(-np.inf))
    high = np.minimum(pairs["to_m"].fillna(np.inf), pairs["to_m_2"].fillna(np.inf))
    together = pairs[(pairs["claimant"] != pairs["claimant_2"]) & (low < high)]
    parties = together.groupby("site")["claimant"].nunique()
    shared = sites[sites["id"].isin(parties.index)]
    columns = {name: shared[name].to_numpy() for name in ("layer", "ref", "name")}
    ids = shared["id"].to_numpy()
    return GeoDataFrame(
        {"site_id": ids, **columns, "parties": parties.reindex(ids).to_numpy()},
        geometry=shared.geometry.to_numpy(), crs=STORAGE_CRS,
    )  # fmt: skip
