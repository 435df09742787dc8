"""Floating catchment areas: supply for each person where the people within reach of a site share it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geocommons.analysis.amounts import PEOPLE, SUPPLY, Floats, Ints, checked_amounts, dot
from geocommons.analysis.crowding.catchments import Catchments


@dataclass(frozen=True, eq=False)
class Access:
    """How much supply there is for each person, and what becomes of all supply.

    `access` is supply a head by demand (0: no site within reach), `ratio` is supply for each person that a site
    reaches, weighted as the method says (NaN: it reaches nobody, or is closed). `delivered` is the sum of people x
    access. `lost_supply` is that of `unreached_sites`, which are open and reach nobody. With 2SFCA, E2SFCA and 3SFCA
    delivered + lost = supply, whatever the weights; with M2SFCA `layout_loss` is what distance takes.
    """

    access: Floats
    ratio: Floats
    supply: float
    delivered: float
    lost_supply: float
    unreached_sites: Ints

    @property
    def layout_loss(self) -> float:
        """Supply of sites that reach people, but that their distance keeps from them."""
        return self.supply - self.lost_supply - self.delivered


@dataclass(frozen=True, eq=False)
class Crowdedness:
    """How many people share each site, and what becomes of all people.

    `crowdedness` is people for one unit of supply by site (NaN: closed, or no supply), `ratio` is people for the supply
    that demand reaches (NaN: reaches none). `received` is the sum of supply x crowdedness: received + lost = people.
    `lost_people` live at `stranded_demand`, from where no supply is within reach.
    """

    crowdedness: Floats
    ratio: Floats
    people: float
    received: float
    lost_people: float
    stranded_demand: Ints


def two_step_access(
    catchments: Catchments, people: ArrayLike, supply: ArrayLike, *, open_sites: NDArray[np.bool_] | None = None
) -> Access:
    """Return 2SFCA (binary weights; Luo & Wang 2003) or E2SFCA (steps; Luo & Qi 2009).

    R_j = S_j / sum_k P_k f_kj; A_i = sum_j R_j f_ij. `open_sites` leaves sites out as if they had no supply.
    """
    persons, amounts, _ = _amounts(catchments, people, supply, open_sites)
    users = catchments.weights @ persons
    ratio = _divide(amounts, users)
    return _access(catchments.weights.T @ np.nan_to_num(ratio), ratio, users, persons, amounts, open_sites)


def three_step_access(
    catchments: Catchments, people: ArrayLike, supply: ArrayLike, *, open_sites: NDArray[np.bool_] | None = None
) -> Access:
    """Return 3SFCA (Wan, Zou & Sternberg 2012): people divide themselves between the sites within their reach.

    G_ij = f_ij / sum_j f_ij; R_j = S_j / sum_k P_k G_kj f_kj; A_i = sum_j R_j G_ij f_ij. Sites beyond reach and closed
    ones draw nobody (PySAL `access` counts every row of its cost table in G).
    """
    persons, amounts, is_open = _amounts(catchments, people, supply, open_sites)
    choice = catchments.weights.T @ is_open.astype(np.float64)
    share = np.nan_to_num(_divide(np.ones(len(choice)), choice))
    users = catchments.squared @ (persons * share)
    ratio = _divide(amounts, users)
    access = (catchments.squared.T @ np.nan_to_num(ratio)) * share
    return _access(access, ratio, users, persons, amounts, open_sites)


def modified_two_step_access(
    catchments: Catchments, people: ArrayLike, supply: ArrayLike, *, open_sites: NDArray[np.bool_] | None = None
) -> Access:
    """Return M2SFCA (Delamater 2013): what is far is also less use, so that part of the supply serves nobody.

    A_i = sum_j S_j f_ij² / sum_k P_k f_kj. With binary weights it is 2SFCA and loses nothing.
    """
    persons, amounts, _ = _amounts(catchments, people, supply, open_sites)
    users = catchments.weights @ persons
    ratio = _divide(amounts, users)
    access = catchments.squared.T @ np.nan_to_num(ratio)
    return _access(access, ratio, users, persons, amounts, open_sites)


def catchment_ratio(catchments: Catchments, around: Catchments, people: ArrayLike, supply: ArrayLike) -> Access:
    """Return the FCA ratio (Luo 2004): supply within reach of demand by the people within reach of the same demand.

    `around` are pairs of demand with demand, each with itself too, for the same weight. People beyond that reach who
    share the same sites do not count, so the people times their access are not the supply.
    """
    persons, amounts, _ = _amounts(catchments, people, supply, None)
    access = _divide(catchments.weights.T @ amounts, around.weights @ checked_amounts(people, around.demands, PEOPLE))
    users = catchments.weights @ persons
    return _access(access, _divide(amounts, users), users, persons, amounts, None)


def inverted_two_step_crowdedness(
    catchments: Catchments, people: ArrayLike, supply: ArrayLike, *, open_sites: NDArray[np.bool_] | None = None
) -> Crowdedness:
    """Return i2SFCA (Wang 2018, 2021): 2SFCA with people and supply in each other's place.

    r_i = P_i / sum_l S_l f_il; C_j = sum_i r_i f_ij.
    """
    persons, amounts, _ = _amounts(catchments, people, supply, open_sites)
    within = catchments.weights.T @ amounts
    ratio = _divide(persons, within)
    crowdedness = np.where(amounts > 0, catchments.weights @ np.nan_to_num(ratio), np.nan)
    stranded = np.flatnonzero((within == 0) & (persons > 0))
    return Crowdedness(
        crowdedness=crowdedness,
        ratio=ratio,
        people=float(persons.sum()),
        received=dot(amounts, np.nan_to_num(crowdedness)),
        lost_people=float(persons[stranded].sum()),
        stranded_demand=stranded,
    )


METHODS: Mapping[str, Callable[..., Access]] = MappingProxyType(
    {
        "2sfca": two_step_access,
        "e2sfca": two_step_access,
        "3sfca": three_step_access,
        "m2sfca": modified_two_step_access,
    }
)
"""Methods with one call (catchments, people, supply, open_sites) that give supply a head."""


def _amounts(
    catchments: Catchments, people: ArrayLike, supply: ArrayLike, open_sites: NDArray[np.bool_] | None
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return people, supply (0 where closed) and which sites are open."""
    persons = checked_amounts(people, catchments.demands, PEOPLE)
    amounts = checked_amounts(supply, catchments.sites, SUPPLY)
    if open_sites is None:
        return persons, amounts, np.ones(catchments.sites, dtype=bool)
    return persons, np.where(open_sites, amounts, 0.0), np.asarray(open_sites, dtype=bool)


def _divide(amount: Floats, by: Floats) -> Floats:
    """Return amounts divided, NaN where there is nothing to divide by."""
    return np.asarray(np.divide(amount, by, out=np.full(len(amount), np.nan), where=by > 0))


def _access(
    access: Floats, ratio: Floats, users: Floats, people: Floats, supply: Floats, is_open: NDArray[np.bool_] | None
) -> Access:
    """Return the answer with what was delivered and what was lost."""
    unreached = users == 0 if is_open is None else (users == 0) & is_open
    return Access(
        access=access,
        ratio=ratio if is_open is None else np.where(is_open, ratio, np.nan),
        supply=float(supply.sum()),
        delivered=dot(people, np.nan_to_num(access)),
        lost_supply=float(supply[unreached].sum()),
        unreached_sites=np.flatnonzero(unreached),
    )
