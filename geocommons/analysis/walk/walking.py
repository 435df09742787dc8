"""The shortest walk from every point of demand to its nearest site."""

from typing import TYPE_CHECKING, Any

import numpy as np

from geocommons.analysis.compiled import pays
from geocommons.analysis.walk import plain
from geocommons.analysis.walk.entrances import Entries, Snapped
from geocommons.analysis.walk.network import Floats, Ints, WalkNetwork

if TYPE_CHECKING:
    from geocommons.analysis.walk.kernels import Doors, Graph, Streets, Stretches

PLAIN_S_A_ROUTE = 0.2e-6
"""What scipy's search with all ties settled takes for each row of the routes (0.12 s for 600,000 of them)."""


def walk_to_nearest(
    network: WalkNetwork, entries: Entries, demand: Snapped, *, limit_m: float = np.inf
) -> tuple[Floats, Ints]:
    """Return the shortest walk in metres to a site, and which site: (inf, -1) where none can be reached.

    The walk runs from the demand to its edge, along edges, and from the edge to the site. It is exact also
    where demand and site lie on one edge; of sites equally near it is the lowest position. Walks longer than `limit_m`
    count as none. The search is a compiled one where that is worth its start, else scipy's, with the same bits.
    """
    if not _is_compiled(network):
        node_m, node_site = plain.nearest_by_node(network, entries, limit_m)
        return plain.nearest_by_door(network, entries, demand, node_m, node_site, limit_m)
    from geocommons.analysis.walk import kernels

    streets, stretches = street_arrays(network), stretch_arrays(entries, _side_by_side(network, entries))
    found = kernels.nearest_by_node(graph_arrays(network), streets, stretches, float(limit_m), network.window_m)
    return kernels.nearest_by_door(streets, stretches, door_arrays(demand), *found, float(limit_m))


def walk_from_sites(network: WalkNetwork, entries: Entries, *, limit_m: float = np.inf) -> tuple[Floats, Ints]:
    """Return for each node the metres to the nearest site, and that site: (inf, -1) where none can be reached."""
    if not _is_compiled(network):
        return plain.nearest_by_node(network, entries, limit_m)
    from geocommons.analysis.walk import kernels

    metres, site = kernels.nearest_by_node(
        graph_arrays(network),
        street_arrays(network),
        stretch_arrays(entries, _side_by_side(network, entries)),
        float(limit_m),
        network.window_m,
    )
    return metres, site.astype(np.intp)


def warm_kernels() -> None:
    """Load or compile the kernels of this room, so that no later question waits for them; call it in a thread."""
    from geocommons.analysis.walk import kernels
    from geocommons.analysis.walk.pairs import compiled_pairs

    network = WalkNetwork(np.zeros((2, 2)), np.array([0]), np.array([1]), np.ones(1), np.empty(0, object))
    zero, none = np.zeros(1), np.zeros(1, np.intp)
    entries = Entries(none, none, zero, zero, zero, none[:0])
    streets, stretches = street_arrays(network), stretch_arrays(entries)
    doors = door_arrays(Snapped(none, zero, zero))
    found = kernels.nearest_by_node(graph_arrays(network), streets, stretches, np.inf, 1.0)
    kernels.nearest_by_door(streets, stretches, doors, *found, np.inf)
    compiled_pairs(network, entries, Snapped(none, zero, zero), np.inf)


def graph_arrays(network: WalkNetwork) -> "Graph":
    """Return the routes as kernels take them: one type of array each, so that no call compiles anew."""
    routes = network.routes
    return _exact(routes.indptr, np.int32), _exact(routes.indices, np.int32), _exact(routes.data, np.float64)


def street_arrays(network: WalkNetwork) -> "Streets":
    """Return the edges as kernels take them."""
    return _exact(network.start, np.intp), _exact(network.end, np.intp), _exact(network.length_m, np.float64)


def stretch_arrays(entries: Entries, order: Any = slice(None)) -> "Stretches":
    """Return the entries as kernels take them."""
    site, edge = _exact(entries.site[order], np.intp), _exact(entries.edge[order], np.intp)
    from_m, to_m, leg_m = (_exact(row[order], np.float64) for row in (entries.from_m, entries.to_m, entries.leg_m))
    return site, edge, from_m, to_m, leg_m


def door_arrays(demand: Snapped) -> "Doors":
    """Return the snapped demand as kernels take it."""
    return _exact(demand.edge, np.intp), _exact(demand.along_m, np.float64), _exact(demand.leg_m, np.float64)


def _side_by_side(network: WalkNetwork, entries: Entries) -> Ints:
    """Return the entries in the order of their nodes, so that a search begins with neighbours one after the other."""
    return np.argsort(network.start[entries.edge], kind="stable")


def _exact(row: Any, kind: type) -> Any:
    return np.require(row, kind, ["C", "A", "W"])


def _is_compiled(network: WalkNetwork) -> bool:
    return pays("geocommons.analysis.walk.kernels", "nearest_by_door", network.routes.nnz * PLAIN_S_A_ROUTE)
