"""Several tests at once: how many people meet none, some and all of them, and which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geocommons.analysis.amounts import PEOPLE, Floats, Ints, checked_amounts, dot
from geocommons.errors import InvalidInput

MAX_TESTS = 20


@dataclass(frozen=True)
class CombinedTests:
    """People by the tests that they meet; `people` are those assessed, to whom all tables add up.

    `by_test` is people who meet each test, `by_count` those who meet exactly 0, 1, ... all of them, `by_set` those who
    meet exactly these tests (ids), most people first. Where only part of a place meets a test, who meets two is not
    known: the tables let the same people meet as many as they can, and `all_between` are the least and the most that
    can meet all.
    """

    people: float
    not_assessed: float
    by_test: tuple[tuple[str, float], ...]
    by_count: tuple[float, ...]
    by_set: tuple[tuple[tuple[str, ...], float], ...]
    all_between: tuple[float, float]


def combine_tests(met: ArrayLike, people: ArrayLike, tests: Sequence[str]) -> CombinedTests:
    """Return how many people meet how many tests, and which.

    `met` has a row for each place and a column for each test: whether it is met, or the part of the place's people who
    meet it (0 to 1); NaN is not assessed, and leaves the place out of all tables but `not_assessed`.
    """
    parts = np.asarray(met, dtype=np.float64)
    persons = checked_amounts(people, len(parts), PEOPLE)
    if parts.ndim != 2 or parts.shape[1] != len(tests) or not 0 < len(tests) <= MAX_TESTS:
        raise InvalidInput("The tests are not one column each, or over {most}.", most=MAX_TESTS)
    assessed = ~np.isnan(parts).any(axis=1)
    here, some = persons[assessed], parts[assessed]
    if not ((some >= 0) & (some <= 1)).all():
        raise InvalidInput("A test is met by less than none or more than all of a place.")
    order = np.argsort(-some, axis=1, kind="stable")
    nested = np.take_along_axis(some, order, axis=1)
    edges = np.column_stack([np.ones(len(some)), nested, np.zeros(len(some))])
    exactly = (edges[:, :-1] - edges[:, 1:]) * here[:, None]
    least = np.maximum(some.sum(axis=1) - (len(tests) - 1), 0.0)
    return CombinedTests(
        people=float(here.sum()),
        not_assessed=float(persons[~assessed].sum()),
        by_test=tuple(zip(tests, (here[:, None] * some).sum(axis=0).tolist(), strict=True)),
        by_count=tuple(exactly.sum(axis=0).tolist()),
        by_set=_by_set(exactly, order, tests),
        all_between=(dot(here, least), dot(here, nested[:, -1])),
    )


def _by_set(exactly: Floats, order: Ints, tests: Sequence[str]) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Return people by the set of tests that they meet: the first so many in the order of their place."""
    bits = np.cumsum(np.left_shift(1, order), axis=1)
    codes = np.column_stack([np.zeros(len(order), dtype=bits.dtype), bits])
    people = np.bincount(codes.ravel(), exactly.ravel(), minlength=1)
    found = sorted(np.flatnonzero(people > 0).tolist(), key=lambda code: (-people[code], code))
    return tuple(
        (tuple(test for place, test in enumerate(tests) if code >> place & 1), float(people[code])) for code in found
    )
