"""Ties (STEW-MAP, USFS GTR-NRS-156): who works with whom, who stands between others, and a map of the network.

Parties are numeric codes: names are never in here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geocommons.analysis.stewardship.spells import day_number, find_spells
from geocommons.analysis.walk.network import Floats
from geocommons.errors import InvalidInput

if TYPE_CHECKING:
    import networkx as nx

Layout = Literal["spring", "circle"]
TIE_COLUMNS = ["one", "other", "sites", "days", "bodies", "stated"]
ROW_OF_COMPONENTS = 1.6
"""The network map is about so many times as wide as high."""


@dataclass(frozen=True, eq=False)
class TieNetwork:
    """Who is tied to whom.

    `parties` has a row for each party, by code: `party, degree` (how many others it is tied to), `strength` (the sum of
    their weights), `betweenness` (the part of shortest paths between two others that run through it, 0 to 1; Freeman
    1977, exact by Brandes 2001), `component` (0 is the largest), `cut_point` (whether the network falls apart without
    it), `isolate`, and `x, y` for a map: neighbours are about 1 apart. `components`: `component, parties, ties`.
    """

    ties: pd.DataFrame
    parties: pd.DataFrame
    components: pd.DataFrame

    def brokers(self, most: int = 10) -> pd.DataFrame:
        """Return the parties between others: highest betweenness first (of equals by code), none with 0."""
        between = self.parties[self.parties["betweenness"] > 0]
        return between.sort_values(["betweenness", "party"], ascending=[False, True], ignore_index=True).head(most)


def find_ties(
    tenures: pd.DataFrame,
    day: date,
    *,
    since: date | None = None,
    members: pd.DataFrame | None = None,
    stated: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return every pair that works together: `one, other, sites, days, bodies, stated, weight`, by code.

    `tenures` as `find_spells` takes them: two parties that steward the same site (on a line: some of the same metres)
    at the same time are tied; `sites` counts such sites up to the day (after `since`, if given), `days` the days they
    shared, site by site. `members` (`party, body`): members of one body are tied, `bodies` counts those. `stated`
    (`one, other`): pairs that say so themselves. `weight` is sites + bodies + 1 if stated. Nobody is tied to itself.
    """
    parts = [_together(tenures, day, since)]
    if members is not None:
        parts.append(_fellows(members))
    if stated is not None:
        parts.append(stated[["one", "other"]].drop_duplicates().assign(stated=1))
    every = pd.concat(parts, ignore_index=True).reindex(columns=TIE_COLUMNS)
    low, high = np.minimum(every["one"], every["other"]), np.maximum(every["one"], every["other"])
    every = every.assign(one=low, other=high)[low != high]
    figures: pd.DataFrame = every.groupby(["one", "other"])[TIE_COLUMNS[2:]].sum().reset_index().astype(np.int64)
    figures["stated"] = figures["stated"] > 0
    figures["weight"] = figures["sites"] + figures["bodies"] + figures["stated"]
    return figures


def find_network(
    ties: pd.DataFrame, parties: ArrayLike = (), *, layout: Layout = "spring", seed: int = 1
) -> TieNetwork:
    """Return the network of ties (`one, other, weight`), with those of `parties` (codes) that have none.

    The same ties, layout and seed give the same map, in whatever order they come. "spring" draws each component by
    forces (Fruchterman and Reingold 1991), "circle" on a circle; components lie in rows, the largest first.
    """
    import networkx as nx

    ties = ties.sort_values(["one", "other"], ignore_index=True)
    codes = np.unique(np.concatenate([np.asarray(parties, dtype=np.int64), ties["one"], ties["other"]])).tolist()
    graph = nx.Graph()
    graph.add_nodes_from(codes)
    graph.add_weighted_edges_from(ties[["one", "other", "weight"]].itertuples(index=False, name=None))
    groups = sorted((sorted(group) for group in nx.connected_components(graph)), key=lambda group: (-len(group), group))
    component = {party: number for number, group in enumerate(groups) for party in group}
    inside = ties["one"].map(component).value_counts()
    parts = pd.DataFrame({"component": np.arange(len(groups)), "parties": [len(group) for group in groups]})
    parts["ties"] = inside.reindex(parts["component"], fill_value=0).to_numpy(dtype=np.intp)
    columns: dict[str, Mapping[int, Any]] = {
        "degree": dict(graph.degree()),
        "strength": dict(graph.degree(weight="weight")),
        "betweenness": nx.betweenness_centrality(graph),
        "component": component,
        "cut_point": dict.fromkeys(codes, False) | dict.fromkeys(nx.articulation_points(graph), True),
    }
    at = _lay_out(graph, groups, layout, seed)
    table = pd.DataFrame({"party": codes} | {name: [of[party] for party in codes] for name, of in columns.items()})
    table["isolate"] = table["degree"] == 0
    table["x"], table["y"] = np.array([at[party] for party in codes]).reshape(-1, 2).T
    return TieNetwork(ties, table, parts)


def _together(tenures: pd.DataFrame, day: date, since: date | None) -> pd.DataFrame:
    """Return pairs that stewarded the same metres of a site at the same time: `one, other, sites, days`."""
    spells = find_spells(tenures, day, renewed_within_days=0)
    spells = spells[["site", "claimant", "from_m", "to_m", "from_day", "to_day"]]
    pairs = spells.merge(spells, on="site", suffixes=("", "_2"))
    pairs = pairs[pairs["claimant"] < pairs["claimant_2"]]
    low = np.maximum(pairs["from_m"].fillna(-np.inf), pairs["from_m_2"].fillna(-np.inf))
    high = np.minimum(pairs["to_m"].fillna(np.inf), pairs["to_m_2"].fillna(np.inf))
    start = np.maximum(pairs["from_day"], pairs["from_day_2"])
    if since is not None:
        start = np.maximum(start, day_number(since))
    end = np.minimum(pairs["to_day"], pairs["to_day_2"])
    pairs = pairs.assign(start=start, end=end)[(low < high) & (start < end)]
    return _count_days(pairs.rename(columns={"claimant": "one", "claimant_2": "other"}))


def _count_days(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the sites of each pair and the days shared on them, each day of a site once."""
    pairs = pairs.sort_values(["one", "other", "site", "start"], ignore_index=True)
    at = pairs.groupby(["one", "other", "site"], sort=False)
    upto = at["end"].cummax().groupby([pairs["one"], pairs["other"], pairs["site"]]).shift()
    fresh = np.maximum(pairs["end"] - np.maximum(pairs["start"], upto.fillna(pairs["start"])), 0)
    sites = pairs.assign(days=fresh).groupby(["one", "other", "site"])["days"].sum().reset_index()
    return sites.groupby(["one", "other"]).agg(sites=("site", "size"), days=("days", "sum")).reset_index()


def _fellows(members: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of members of one body: `one, other, bodies`."""
    once = members[["party", "body"]].drop_duplicates()
    pairs = once.merge(once, on="body", suffixes=("", "_2"))
    pairs = pairs[pairs["party"] < pairs["party_2"]].rename(columns={"party": "one", "party_2": "other"})
    return pairs[["one", "other"]].assign(bodies=1)


def _lay_out(graph: "nx.Graph[Any]", groups: list[list[int]], layout: Layout, seed: int) -> dict[int, Floats]:
    """Return where each party stands: every component in a circle of its own, the circles in rows."""
    import networkx as nx

    if layout not in ("spring", "circle"):
        raise InvalidInput("A network is drawn as spring or circle, not as {layout}.", layout=layout)
    radii = np.array([np.sqrt(len(group)) / 2 for group in groups])
    width = max(np.sqrt((4 * (radii + 0.5) ** 2).sum()) * ROW_OF_COMPONENTS, 2 * radii.max(initial=0) + 1)
    at: dict[int, Floats] = {}
    left = top = row_height = 0.0
    for group, radius in zip(groups, radii.tolist(), strict=True):
        size = 2 * radius + 1
        if left + size > width:
            left, top, row_height = 0.0, top - row_height, 0.0
        middle = np.array([left + size / 2, top - size / 2])
        part = graph.subgraph(group)
        if len(group) == 1:
            at[group[0]] = middle
        elif layout == "circle":
            at |= nx.circular_layout(sorted(part), scale=radius, center=middle)
        else:
            at |= nx.spring_layout(_in_order(part), scale=radius, center=middle, seed=seed)
        left, row_height = left + size, max(row_height, size)
    return at


def _in_order(part: "nx.Graph[Any]") -> "nx.Graph[Any]":
    """Return a graph with its nodes and ties in the order of their codes: the drawing starts from it."""
    import networkx as nx

    ordered = nx.Graph()
    ordered.add_nodes_from(sorted(part))
    ordered.add_weighted_edges_from(
        sorted((min(a, b), max(a, b), weight) for a, b, weight in part.edges(data="weight"))
    )
    return ordered
