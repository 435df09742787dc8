"""A small network: who works with whom."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geocommons.errors import InvalidInput
from geocommons.files.charts.chart import Chart, ChartText, Form, chart
from geocommons.files.charts.lettering import LINE, SIZE, fit, width_of
from geocommons.files.charts.sheet import Sheet

MOST_NODES = 300
MOST_LABELS = 14
ROUNDS = 240
GOLDEN = math.pi * (3 - math.sqrt(5))
SMALL, LARGE = 4.0, 13.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Node:
    """Somebody in a network; a marked one is to be looked at (a broker), and drawn as a ring."""

    label: str
    marked: bool = False


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A tie between two nodes, given by their places in the list; the heavier, the thicker."""

    a: int
    b: int
    weight: float = 1.0


def network_chart(nodes: Sequence[Node], edges: Sequence[Edge], text: ChartText, *, form: Form) -> Chart:
    """Return a map of nodes, the larger the more ties they have, and of their ties; the largest are named.

    The layout is a spring model (Fruchterman and Reingold 1991) that starts from a spiral: no chance, so the same
    network is always drawn the same way. The table has name and number of ties (two heads in `text.columns`),
    most ties first. At most 300 nodes.
    """
    if len(nodes) > MOST_NODES:
        raise InvalidInput(
            "{count} nodes cannot be read on one small map. Choose at most {most}.", count=len(nodes), most=MOST_NODES
        )
    ties = np.zeros(len(nodes), dtype=np.int64)
    for edge in edges:
        ties[[edge.a, edge.b]] += 1
    order = sorted(range(len(nodes)), key=lambda row: (-ties[row], nodes[row].label))
    rows = [(nodes[row].label, form(float(ties[row]))) for row in order]
    places = _layout(len(nodes), edges, order)

    def draw(sheet: Sheet) -> float:
        return _draw(sheet, nodes, edges, (places, ties, order))

    return chart(text, text.columns, rows, draw)


def _layout(count: int, edges: Sequence[Edge], order: Sequence[int]) -> NDArray[np.float64]:
    """Return places in the unit square: springs pull along ties, all push each other, and a little pulls inward."""
    rank = np.empty(count)
    rank[list(order)] = np.arange(count)
    places = np.column_stack((np.cos(rank * GOLDEN), np.sin(rank * GOLDEN))) * np.sqrt(rank + 0.5)[:, None]
    if count < 2:
        return np.full((count, 2), 0.5)
    places /= np.abs(places).max()
    ends = np.array([(edge.a, edge.b) for edge in edges if edge.a != edge.b], dtype=np.int64).reshape(-1, 2)
    apart = 1.6 / math.sqrt(count)
    for step in range(ROUNDS):
        x, y = (side[:, None] - side[None] for side in places.T)
        push = apart**2 / np.maximum(x * x + y * y, 1e-4)
        moved = np.column_stack(((push * x).sum(axis=1), (push * y).sum(axis=1))) - 1.2 * places
        along = places[ends[:, 0]] - places[ends[:, 1]]
        pull = along * np.hypot(along[:, 0], along[:, 1])[:, None] / apart
        np.subtract.at(moved, ends[:, 0], pull)
        np.add.at(moved, ends[:, 1], pull)
        length = np.maximum(np.hypot(moved[:, 0], moved[:, 1]), 1e-9)[:, None]
        places = places + moved / length * np.minimum(length, 0.15 * (1 - step / ROUNDS))
    low, high = places.min(axis=0), places.max(axis=0)
    unit: NDArray[np.float64] = (places - low) / np.maximum(high - low, 1e-9)
    return unit


def _draw(
    sheet: Sheet, nodes: Sequence[Node], edges: Sequence[Edge],
    found: tuple[NDArray[np.float64], NDArray[np.int64], Sequence[int]],
) -> float:  # fmt: skip
    places, ties, order = found
    height = min(sheet.width * 0.9, 420.0)
    air = LARGE + LINE
    xs = air + places[:, 0] * (sheet.width - 2 * air)
    ys = LARGE + 2 + places[:, 1] * (height - 2 * LARGE - LINE - 4)
    heaviest = max((edge.weight for edge in edges), default=1.0)
    for role, heavy in (("edge", False), ("edge-strong", True)):
        for edge in edges:
            if (edge.weight > heaviest / 2 and heaviest > min(one.weight for one in edges)) == heavy:
                sheet.path(role, [(xs[edge.a], ys[edge.a]), (xs[edge.b], ys[edge.b])])
    radii = SMALL + (LARGE - SMALL) * np.sqrt(ties / max(int(ties.max(initial=0)), 1))
    for row in reversed(order):
        look = "node-marked" if nodes[row].marked else "node"
        sheet.circle(look, xs[row], ys[row], float(radii[row]), f"{nodes[row].label}: {ties[row]}")
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for x, y, r in zip(xs, ys, radii, strict=True)]
    for row in sorted(order, key=lambda row: not nodes[row].marked)[: MOST_LABELS * 3]:
        _name(sheet, nodes[row].label, (xs[row], ys[row], float(radii[row])), taken, height)
    return height


def _name(sheet: Sheet, label: str, node: tuple[float, float, float], taken: list[Box], height: float) -> None:
    """Write a name below, above or beside its node, wherever it meets nothing; else leave it to the table."""
    x, y, radius = node
    words = fit(label, sheet.width * 0.42)[0] if label.strip() else ""
    width = width_of(words)
    beside = [(left, y + 4.5) for left in (x + radius + 3, x - radius - 3 - width)]
    starts = (x - width / 2, x - radius, x + radius - width)
    for left, base in [*((left, base) for left in starts for base in (y + radius + SIZE, y - radius - 4)), *beside]:
        box = (left - 2, base - SIZE + 1, left + width + 2, base + 4)
        inside = box[0] >= 0 and box[2] <= sheet.width and box[1] >= 0 and box[3] <= height
        if inside and not any(_meet(box, other) for other in taken):
            taken.append(box)
            sheet.text("name", left, base, words)
            return


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
