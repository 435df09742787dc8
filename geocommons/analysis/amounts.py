"""Amounts by place: people, supply, values; finite and not below 0."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geocommons.errors import InvalidInput
from geocommons.language import Words

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

PEOPLE = Words(en="people", nl="mensen")
SUPPLY = Words(en="supply", nl="aanbod")
SERVED = Words(en="served people", nl="bediende mensen")
VALUES = Words(en="values", nl="waarden")


def checked_amounts(values: ArrayLike, count: int, what: Words) -> Floats:
    """Return people or supply as numbers, or refuse what is no amount or not one for each place."""
    amounts = np.asarray(values, dtype=np.float64)
    if amounts.shape != (count,):
        raise InvalidInput(
            "There are {given} figures of {what} for {count} places. Give one for each.",
            given=amounts.size,
            what=what,
            count=count,
        )
    wrong = np.flatnonzero(~(np.isfinite(amounts) & (amounts >= 0)))
    if len(wrong):
        raise InvalidInput(
            "Figure {row} of {what} is {value}. Give a number from 0 on.",
            row=int(wrong[0]) + 1,
            what=what,
            value=float(amounts[wrong[0]]),
        )
    return amounts


def dot(one: Floats, other: Floats) -> float:
    """Return the sum of products, to the same last digit on any number of processors.

    BLAS divides a long sum between its threads, and waking them costs more than the sum.
    """
    return float((one * other).sum())
