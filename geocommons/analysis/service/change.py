"""Change: coverage on two days beside each other, who gained and lost, and which sites moved it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geocommons.analysis.service.coverage import STATES, group_columns
from geocommons.analysis.walk.network import Floats, Ints
from geocommons.errors import InvalidInput

CHANGES = ("gained", "lost", "kept", "unserved", "not_assessed")
"""Served only after, only before, on both days, on neither; or on one of them not known."""
GAINED, LOST, KEPT, UNSERVED, NOT_ASSESSED = range(5)


@dataclass(frozen=True, eq=False)
class Change:
    """What changed between two days.

    `change` has the position in `CHANGES` of each demand. `totals` has the people of each change. `districts` and
    `groups` have a row for each (`name`, `people` and a column for each change, which add up; last the people outside
    all districts, None). `sites` has a row for each site of either day: `site, fate` (gained, lost, kept),
    `people_gained` (served only after, this is their nearest site then), `people_lost` (served only before, it was
    their nearest), `people_nearer` (served on both days, it is their nearest now and was not there before) and
    `people_moved` (served on both days, it was their nearest and is there no more). The gained of all sites add up to
    the people who gained, the lost to those who lost.
    """

    change: Ints
    totals: dict[str, float]
    districts: pd.DataFrame
    groups: pd.DataFrame
    sites: pd.DataFrame


def find_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    sites_before: Sequence[Hashable],
    sites_after: Sequence[Hashable],
) -> Change:
    """Return what changed between two coverages of the same people, and which sites moved it.

    `before` and `after` are the frames of two `Coverage`s (`people`, `state`, `nearest`; may have `group_...` and
    `district`), row by row the same demand; the keys name the sites in the order in which each coverage had them.
    Where neither day has a new or closed site behind it, another standard or other streets moved the figure: then sites
    that were there on both days have people gained or lost. InvalidInput where people are not the same.
    """
    people = after["people"].to_numpy(dtype=np.float64)
    columns = group_columns(after)
    same = len(before) == len(after) and columns == group_columns(before)
    if not (same and np.array_equal(before[["people", *columns]], after[["people", *columns]])):
        raise InvalidInput("Two days are compared for the same people. Take one population for both.")
    was, is_ = (_state_codes(frame) for frame in (before, after))
    # Served, unserved and not assessed, before by after.
    change = np.array([[KEPT, LOST, NOT_ASSESSED], [GAINED, UNSERVED, NOT_ASSESSED], [NOT_ASSESSED] * 3])[was, is_]
    return Change(
        change=change,
        totals=dict(zip(CHANGES, np.bincount(change, people, minlength=5).tolist(), strict=True)),
        districts=_by_district(after, change, people),
        groups=_by_group(after, columns, change),
        sites=_by_site(before, after, list(sites_before), list(sites_after), change),
    )


def _state_codes(frame: pd.DataFrame) -> Ints:
    """Return the position of each state; refuse one that is none."""
    codes = pd.Index(STATES).get_indexer(pd.Index(frame["state"]))
    if (codes < 0).any():
        raise InvalidInput("Two days are compared for the same people. Take one population for both.")
    return np.asarray(codes, dtype=np.intp)


def _table(names: list[Any], sums: NDArray[Any]) -> pd.DataFrame:
    """Return rows of people by change."""
    table = pd.DataFrame({"name": pd.Series(names, dtype=object), "people": sums.sum(axis=1)})
    return table.assign(**{name: sums[:, at] for at, name in enumerate(CHANGES)})


def _by_district(frame: pd.DataFrame, change: Ints, people: Floats) -> pd.DataFrame:
    """Return the rows of districts by name, and last of the people outside all of them, if there are."""
    if "district" not in frame:
        return _table([], np.empty((0, len(CHANGES))))
    codes, names = pd.factorize(frame["district"], sort=True)
    labels = [*names.tolist(), *([None] if (codes < 0).any() else [])]
    cells = np.where(codes < 0, len(names), codes) * len(CHANGES) + change
    return _table(labels, np.bincount(cells, people, minlength=len(labels) * len(CHANGES)).reshape(-1, len(CHANGES)))


def _by_group(frame: pd.DataFrame, columns: Sequence[str], change: Ints) -> pd.DataFrame:
    """Return the rows of the groups of people, in the order of their columns."""
    sums = [np.bincount(change, frame[name].to_numpy(dtype=np.float64), minlength=len(CHANGES)) for name in columns]
    return _table([name.removeprefix("group_") for name in columns], np.array(sums).reshape(-1, len(CHANGES)))


def _by_site(
    before: pd.DataFrame, after: pd.DataFrame, keys_before: list[Hashable], keys_after: list[Hashable], change: Ints
) -> pd.DataFrame:
    """Return what each site of either day did: those before in their order, then the new ones in theirs."""
    if len(set(keys_before)) < len(keys_before) or len(set(keys_after)) < len(keys_after):
        raise InvalidInput("Two sites have one key. Give each site a key of its own.")
    position = {key: at for at, key in enumerate(dict.fromkeys([*keys_before, *keys_after]))}
    old, new = (
        _nearest(frame, [position[key] for key in keys]) for frame, keys in ((before, keys_before), (after, keys_after))
    )
    there_before, there_after = np.zeros((2, len(position) + 1), dtype=bool)
    there_before[[position[key] for key in keys_before]] = True
    there_after[[position[key] for key in keys_after]] = True
    people = after["people"].to_numpy(dtype=np.float64)

    def attribute(site: Ints, rows: NDArray[np.bool_]) -> Floats:
        return np.bincount(site[rows], people[rows], minlength=len(position))[: len(position)].astype(np.float64)

    kept = change == KEPT
    fate = np.where(there_before & there_after, "kept", np.where(there_after, "gained", "lost")).astype(object)
    return pd.DataFrame(
        {
            "site": pd.Series(list(position), dtype=object),
            "fate": fate[: len(position)],
            "people_gained": attribute(new, change == GAINED),
            "people_lost": attribute(old, change == LOST),
            "people_nearer": attribute(new, kept & ~there_before[new]),
            "people_moved": attribute(old, kept & ~there_after[old]),
        }
    )


def _nearest(frame: pd.DataFrame, position: Sequence[int]) -> Ints:
    """Return the nearest site of each demand as its position among the sites of both days (-1: none)."""
    known: Ints = np.append(np.asarray(position, dtype=np.intp), -1)
    return np.asarray(known[frame["nearest"].to_numpy(dtype=np.intp)], dtype=np.intp)
