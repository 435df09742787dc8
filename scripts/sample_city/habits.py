"""How care is given to each kind of commons: how often, in which months, by how many, for how long, what is done."""

from dataclasses import dataclass

ALL_YEAR = range(1, 13)
GROWING = range(4, 10)
BREEDING = (4, 5, 6)


@dataclass(frozen=True)
class Work:
    """A kind of work: its share among the works of its months, and what of it each person brings in.

    `crowd` is the part of those who usually come that this work needs.
    """

    kind: str
    share: float
    months: range | tuple[int, ...] = ALL_YEAR
    each: float = 0.0
    unit: str = ""
    crowd: float = 1.0


@dataclass(frozen=True)
class Habit:
    """How a middling steward gives care.

    `noting` is the share of stewards who ever write care down, `season` how likely each month is, `weekend` how many
    times likelier a day of the weekend is, `others` how many come beside the first.
    """

    times_a_year: float
    noting: float
    season: tuple[float, ...]
    weekend: float
    others: float
    usual_min: float
    works: tuple[Work, ...]


HABITS = {
    "gardens": Habit(
        13, 0.85, (0.3, 0.5, 1.2, 1.8, 2, 1.9, 1.6, 1.4, 1.3, 1, 0.6, 0.2), 4.0, 4.0, 120,
        (
            Work("weeding", 0.3, range(3, 11)),
            Work("watering", 0.2, range(5, 9), crowd=0.3),
            Work("planting", 0.2, (3, 4, 5, 10, 11)),
            Work("mowing", 0.1, GROWING),
            Work("harvest", 0.15, range(6, 11), 1.5, "kg"),
            Work("compost", 0.1, (1, 2, 3, 10, 11, 12), 0.8, "barrows"),
            Work("pruning", 0.15, (1, 2, 3, 11, 12)),
            Work("repair", 0.08, crowd=0.3),
            Work("work day", 0.12, range(3, 11), crowd=2.0),
        ),
    ),
    "garden-plots": Habit(
        7, 0.13, (0.1, 0.3, 1.2, 2, 2, 1.8, 1.5, 1.3, 1.2, 0.6, 0.3, 0.1), 2.0, 0.5, 75,
        (
            Work("digging", 0.2, (2, 3, 4, 10, 11)),
            Work("sowing", 0.2, range(3, 7)),
            Work("weeding", 0.3, range(3, 11)),
            Work("watering", 0.25, range(5, 9)),
            Work("harvest", 0.2, range(6, 11), 2.0, "kg"),
            Work("clearing", 0.2, (1, 10, 11, 12)),
        ),
    ),
    # Birds breed on the banks in spring: then groups keep off them and only look from the path.
    "rivers": Habit(
        5, 0.85, (1, 1.3, 2.4, 0.3, 0.3, 0.3, 0.8, 1.5, 2.4, 1.8, 1, 0.5), 9.0, 11.0, 120,
        (
            Work("clean-up", 0.8, tuple(month for month in ALL_YEAR if month not in BREEDING), 0.7, "bags"),
            Work("inspection", 0.15, crowd=0.15),
            Work("water sampling", 0.1, range(3, 11), 0.8, "samples", 0.15),
            Work("pruning", 0.1, (1, 2, 10, 11, 12)),
        ),
    ),
    "vacant-lots": Habit(
        9, 0.75, (0.3, 0.5, 1.3, 1.8, 1.9, 1.7, 1.5, 1.3, 1.2, 0.9, 0.5, 0.2), 3.0, 3.0, 100,
        (
            Work("clean-up", 0.3, ALL_YEAR, 0.6, "bags"),
            Work("mowing", 0.25, GROWING),
            Work("planting", 0.2, (3, 4, 5, 10, 11)),
            Work("watering", 0.15, range(5, 9), crowd=0.3),
            Work("weeding", 0.2, range(3, 11)),
            Work("repair", 0.1, crowd=0.3),
        ),
    ),
    "storm-drains": Habit(
        5, 0.62, (0.9, 0.7, 0.7, 0.8, 0.8, 0.9, 0.9, 0.8, 1, 2.6, 3, 1.6), 1.4, 0.2, 15,
        (
            Work("clearing leaves", 0.6, (1, 9, 10, 11, 12), 0.7, "bags"),
            Work("clearing grate", 0.4),
            Work("inspection", 0.2),
            Work("weeding", 0.1, GROWING),
        ),
    ),
}  # fmt: skip
NOTES = {
    "clean-up": ("a bicycle and two tyres as well", "mostly cans and crisp packets", "bags left for the city to fetch"),
    "clearing leaves": ("still slow after heavy rain", "full again since last week"),
    "clearing grate": ("grate sits loose",),
    "inspection": ("all in order", "foam seen, told the water authority", "new graffiti"),
    "repair": ("gate hinge replaced", "tap drips again", "bench needs paint"),
    "planting": ("bulbs from the neighbours", "new hedge of 40 plants"),
    "watering": ("rain barrel empty",),
    "work day": ("soup for everybody", "new faces today"),
}
"""What is said of some of it; never of a person."""
