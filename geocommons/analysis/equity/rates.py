"""Rates by group of people: who is served less, by how much, and whether so few people can tell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geocommons.analysis.amounts import PEOPLE, SERVED, Floats, checked_amounts
from geocommons.errors import InvalidInput
from geocommons.language import Words

FEW_PEOPLE = 50
EQUAL_WITHIN = 1e-6
REST = "rest"
UNCERTAINTY = Words(
    en=(
        "The figures count everybody, so there is no error of sampling. The range says how far the rate of so few "
        "people could be from that of many in the same circumstances, by chance alone. It holds no error in where "
        "people live."
    ),
    nl=(
        "De cijfers tellen iedereen, dus er is geen steekproeffout. De marge zegt hoe ver het aandeel van zo weinig "
        "mensen door toeval kan afwijken van dat van velen in dezelfde omstandigheden. Fouten in waar mensen wonen "
        "zitten er niet in."
    ),
)


@dataclass(frozen=True)
class GroupRate:
    """How many of a group are served, beside the group that it is compared with.

    `few` groups have their served people and all figures from them left out (None). `low` and `high` are the Wilson
    interval of the rate, None where the figures are no counts (people spread over parts of blocks). `difference` is the
    rate less that of the reference, `ratio` the rate by it (None: the reference is few, or none of it are served).
    """

    name: str
    people: float
    served: float | None
    rate: float | None
    low: float | None
    high: float | None
    difference: float | None
    ratio: float | None
    few: bool


def rates_by_group(
    names: Sequence[str],
    served: ArrayLike,
    people: ArrayLike,
    *,
    reference: str = REST,
    total: tuple[float, float] | None = None,
    few: float = FEW_PEOPLE,
    confidence: float = 0.95,
) -> tuple[GroupRate, ...]:
    """Return a row for each group, compared with the group named `reference`, or each with the rest of the people.

    `total` is (served, people) of everybody; by default the groups add up to it, so give it where they overlap or leave
    somebody out. Groups of fewer than `few` people, or with such a rest, are not compared. The interval is Wilson's
    (1927); `UNCERTAINTY` says what it means of a census. Leaving figures out keeps chance from being read as a finding;
    it hides no person, since a figure that is left out may follow from the total.
    """
    counts, all_people = (
        checked_amounts(served, len(names), SERVED),
        checked_amounts(people, len(names), PEOPLE),
    )
    _refuse_unusable(names, counts, all_people, reference, confidence)
    whole = (float(counts.sum()), float(all_people.sum())) if total is None else total
    rows = list(zip(names, counts.tolist(), all_people.tolist(), strict=True))
    fixed = next(((count, number) for name, count, number in rows if name == reference), None)
    return tuple(
        _row(name, count, number, fixed or (whole[0] - count, whole[1] - number), few, confidence)
        for name, count, number in rows
    )


def wilson_interval(served: float, people: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval (1927, no continuity correction) of a rate; people over 0."""
    from scipy.special import ndtri

    z2 = float(ndtri(0.5 + confidence / 2)) ** 2
    rate = served / people
    middle = (rate + z2 / (2 * people)) / (1 + z2 / people)
    half = np.sqrt(z2) / (1 + z2 / people) * np.sqrt(rate * (1 - rate) / people + z2 / (4 * people**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _row(
    name: str, served: float, people: float, other: tuple[float, float], few: float, confidence: float
) -> GroupRate:
    """Return the rate of one group and how it compares with (served, people) of another."""
    if people < few or people == 0:
        return GroupRate(name, people, None, None, None, None, None, None, few=True)
    rate = served / people
    low, high = wilson_interval(served, people, confidence=confidence) if _counts(served, people) else (None, None)
    if other[1] < few or other[1] <= 0:
        return GroupRate(name, people, served, rate, low, high, None, None, few=False)
    compared = other[0] / other[1]
    ratio = rate / compared if compared > 0 else None
    return GroupRate(name, people, served, rate, low, high, rate - compared, ratio, few=False)


def _counts(*figures: float) -> bool:
    """Return whether all figures count whole people."""
    return all(abs(figure - round(figure)) <= EQUAL_WITHIN for figure in figures)


def _refuse_unusable(names: Sequence[str], served: Floats, people: Floats, reference: str, confidence: float) -> None:
    """Refuse more served than there are, names that are not one each, and a reference that is no group."""
    over = np.flatnonzero(served > people * (1 + EQUAL_WITHIN))
    if len(over):
        raise InvalidInput("More people of {group} are served than there are.", group=names[int(over[0])])
    if len(set(names)) < len(names):
        raise InvalidInput("Two groups have one name. Name every group differently.")
    if reference != REST and reference not in names:
        raise InvalidInput("There is no group {group} to compare with. Name one of the groups.", group=reference)
    if not 0 < confidence < 1:
        raise InvalidInput("A confidence of {confidence} is not between 0 and 1.", confidence=confidence)
