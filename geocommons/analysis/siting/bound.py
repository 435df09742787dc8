"""How good a choice can be at most: the Lagrangian bound, and the candidates that it proves in or out."""

from dataclasses import dataclass

import numpy as np

from geocommons.analysis.siting.by_candidate import Floats, Ints
from geocommons.analysis.siting.gains import Gains
from geocommons.analysis.siting.limits import Rules

PATIENCE = 6
SHRINK = 0.6
MEMORY = 0.7
"""How much of the last direction the next one keeps (Camerini, Fratta & Maffioli 1975): halves the steps needed."""
HALVINGS = 40


@dataclass(frozen=True, eq=False)
class Pick:
    """The best choice by prices alone, which is a bound: its worth, who is in it, prices net of the budget's rate."""

    worth: float
    taken: Ints
    net: Floats


@dataclass(frozen=True, eq=False)
class Bound:
    """An upper bound on any choice, the levels of rows that prove it, and the sets met on the way to it."""

    value: float
    level: Floats
    picks: list[Ints]


def bound_above(gains: Gains, rules: Rules, goal: float, *, steps: int, level: Floats | None = None) -> Bound:
    """Return an upper bound on what a choice within the rules is worth.

    That only one site serves a row is relaxed with a price, the row's level: what a choice is worth is at most the sum
    of levels and, for the best choice by prices alone, of what its sites give above them. Levels move along the
    subgradient with Polyak's step towards `goal`, the worth of a known choice (Held, Wolfe & Crowder 1974).
    """
    level = gains.most / 2 if level is None else np.minimum(level, gains.most)
    lowest, at, reach, idle, picks = np.inf, level, 1.0, 0, list[Ints]()
    slope = np.zeros(gains.n_rows)
    for _ in range(steps):
        found = pick(gains.excess(level), rules)
        value = float(level.sum()) + found.worth
        if value < lowest:
            lowest, at, idle = value, level, 0
            picks.append(found.taken)
        elif (idle := idle + 1) >= PATIENCE:
            reach, idle, level = reach * SHRINK, 0, at
            slope = np.zeros(gains.n_rows)
            continue
        slope = _inside(_slope(gains, level, found.taken) + MEMORY * slope, level, gains.most)
        steep = float((slope * slope).sum())  # not by BLAS, whose threads cost more than they bring
        if steep == 0 or lowest <= goal:
            break
        level = np.clip(level - reach * (value - goal) / steep * slope, 0.0, gains.most)
    return Bound(lowest, at, picks)


def _slope(gains: Gains, level: Floats, taken: Ints) -> Floats:
    """Return how the bound changes with each level: 1 less the number of sites that give above it."""
    slope = np.ones(gains.n_rows)
    for site in taken:
        row, value = gains.of(site)
        slope[row] -= 1.0 if gains.flat else value > level[row]
    return _inside(slope, level, gains.most)


def _inside(slope: Floats, level: Floats, most: Floats) -> Floats:
    """Return a direction that leaves no level below nothing or above the most there is to gain."""
    slope[((level <= 0) & (slope > 0)) | ((level >= most) & (slope < 0))] = 0.0
    return slope


def pick(price: Floats, rules: Rules) -> Pick:
    """Return the choice with the highest sum of prices: must-sites, at most p, cost in fractions, one a cell."""
    room, money = rules.p - len(rules.must), rules.budget - float(rules.cost[rules.must].sum())
    rate = _rate(price, rules, room, money)
    net = np.where(rules.open_to, price - rate * rules.cost if rate else price, -np.inf)
    taken = _highest(net, room, rules)
    worth = float(price[rules.must].sum() + net[taken].sum()) + (rate * money if rate else 0.0)
    return Pick(worth, np.concatenate([rules.must, taken]), net)


def _rate(price: Floats, rules: Rules, room: int, money: float) -> float:
    """Return the price of a unit of the budget at which the best choice just spends it."""

    def spent(rate: float) -> float:
        net = np.where(rules.open_to, price - rate * rules.cost, -np.inf)
        return float(rules.cost[_highest(net, room, rules)].sum())

    if not np.isfinite(money) or spent(0.0) <= money:
        return 0.0
    low, high = 0.0, float((price[rules.cost > 0] / rules.cost[rules.cost > 0]).max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if spent(middle) > money else (low, middle)
    return high


def _highest(net: Floats, room: int, rules: Rules) -> Ints:
    """Return the candidates with the highest positive net price, at most so many, and one a cell."""
    if rules.cell is not None:
        lead = _leaders(net, rules.cell)
        return lead[_highest_of(net[lead], room)]
    return _highest_of(net, room)


def _highest_of(net: Floats, room: int) -> Ints:
    taken = np.argpartition(-net, room - 1)[:room] if 0 < room < len(net) else np.arange(len(net))[: max(room, 0) or 0]
    return taken[net[taken] > 0]


def _leaders(net: Floats, cell: Ints) -> Ints:
    """Return the candidate of each cell with the highest net price."""
    order = np.lexsort((-net, cell))
    first = np.ones(len(order), dtype=bool)
    first[1:] = cell[order][1:] != cell[order][:-1]
    return order[first]


def turned(found: Pick, rules: Rules) -> Floats:
    """Return for each candidate what the bound's pick is worth with it turned: in if it is out, out if it is in."""
    net, room = found.net, rules.p - len(rules.must)
    taken = found.taken[len(rules.must) :]
    others = np.setdiff1d(np.flatnonzero(rules.open_to), taken)
    lowest = float(net[taken].min()) if len(taken) == room and room else 0.0
    gives_way = np.full(len(net), lowest if room else np.inf)
    steps_in = np.zeros(len(net))
    if rules.cell is None:
        steps_in[taken] = max(float(net[others].max(initial=0.0)), 0.0)
    else:
        held = np.zeros(int(rules.cell.max()) + 1, dtype=bool)
        held[rules.cell[taken]] = True
        price = np.zeros(len(held))
        price[rules.cell[taken]] = net[taken]
        inside = held[rules.cell]
        gives_way[inside] = price[rules.cell[inside]]
        second = np.zeros(len(held))
        np.maximum.at(second, rules.cell[others], net[others])
        free = others[~inside[others]]
        steps_in[taken] = np.maximum(second[rules.cell[taken]], max(float(net[free].max(initial=0.0)), 0.0))
    worth = np.full(len(net), -np.inf)
    worth[others] = found.worth - gives_way[others] + net[others]
    worth[taken] = found.worth - net[taken] + steps_in[taken]
    return worth
