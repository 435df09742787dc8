"""Five years of care: who did what where, on which day, for how long, with how many."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from scripts.sample_city.book import Book, Party
from scripts.sample_city.habits import HABITS, NOTES, Habit, Work
from scripts.sample_city.places import Places, a_day
from scripts.sample_city.tenures import TODAY

TAKEN_ON = ("stewardship", "licence", "plot_rental")
UNEVEN = 0.85
"""Spread of effort, the sigma of a lognormal: a few give most."""
FADES = 0.18
"""Share of stewards who stop noting care while they still hold the place."""
NOTE_SHARE = 0.05


@dataclass(frozen=True)
class Hand:
    """Somebody who may give care to a site from a day up to, not including, another."""

    site: tuple[str, str]
    party: Party
    first: date
    until: date
    habit: Habit


def note_care(book: Book, sites: dict[str, Places], rng: np.random.Generator) -> None:
    """Write the care of stewards, and of those who help at places that are not theirs."""
    effort: dict[Party, float] = {}
    for hand in [*stewards(book), *helpers(book, sites, rng)]:
        if hand.party not in effort:
            effort[hand.party] = rng.lognormal(0, UNEVEN) if rng.random() < hand.habit.noting else 0.0
        for day in visits(hand, effort[hand.party], rng):
            book.care.append(one_time(hand, day, rng))
    book.care.sort(key=lambda row: (row["day"], row["layer"], row["ref"], row["party"]))
    for number, row in enumerate(book.care, 1):
        row["id"] = f"C-{number:05d}"


def stewards(book: Book) -> Iterator[Hand]:
    """Yield who takes care of what is theirs to take care of, while it is."""
    for row in book.tenures:
        if row["type"] in TAKEN_ON and row["status"] in ("", "ended"):
            yield hand_of(row, (row["layer"], row["ref"]), HABITS[row["layer"]])


def hand_of(row: dict[str, Any], site: tuple[str, str], habit: Habit) -> Hand:
    """Return the holder of a tenure as somebody who may give care to a site as long as it is in force."""
    until = min(row["valid_to"] or date.max, TODAY + timedelta(days=1))
    return Hand(site, Party(row["party"], row["party_kind"]), row["valid_from"], until, habit)


def helpers(book: Book, sites: dict[str, Places], rng: np.random.Generator) -> Iterator[Hand]:
    """Yield who helps elsewhere: sponsors at their garden, river groups at the nearest one, gardeners at a lot."""
    near = {"rivers": ("gardens", "opened"), "gardens": ("vacant-lots", "vacant_since")}
    for row in book.tenures:
        if row["status"] not in ("", "ended"):
            continue
        own = (row["layer"], row["ref"])
        if row["type"] == "sponsorship":
            yield hand_of(row, own, helping("gardens"))
        elif row["type"] == "stewardship" and row["layer"] in near and rng.random() < 0.5:
            layer, begins = near[row["layer"]]
            place = nearest(sites[layer], middle_of(row, sites[row["layer"]]))
            hand = hand_of(row, (layer, place["ref"]), helping(layer))
            yield replace(hand, first=max(hand.first, place[begins]))


def helping(layer: str) -> Habit:
    """Return how a group helps elsewhere: seldom, at weekends, with many."""
    return replace(HABITS[layer], times_a_year=1.6, noting=0.8, weekend=6.0, others=7.0, usual_min=150)


def middle_of(row: dict[str, Any], places: Places) -> shapely.Point:
    """Return the middle of what a tenure holds: a place, or a stretch of a line."""
    shape = places.shapes[next(i for i, place in enumerate(places.rows) if place["ref"] == row["ref"])]
    held_m = row["from_m"]
    middle: shapely.Point = shape.centroid if held_m is None else shape.interpolate((held_m + row["to_m"]) / 2)
    return middle


def nearest(places: Places, point: shapely.Point) -> dict[str, Any]:
    """Return the row of the place that lies nearest to a point, of those that are not polluted."""
    polluted = np.array([bool(row.get("contaminated")) for row in places.rows])
    return places.rows[int(np.argmin(np.where(polluted, np.inf, shapely.distance(places.shapes, point))))]


def visits(hand: Hand, effort: float, rng: np.random.Generator) -> list[date]:
    """Return the days on which care was given, more of them in season and by who gives more."""
    if hand.first >= hand.until:
        return []
    until = a_day(rng, hand.first, hand.until) if rng.random() < FADES else hand.until
    days = np.arange(np.datetime64(hand.first), np.datetime64(until))
    weight = weights(days, hand.habit)
    mean = hand.habit.times_a_year * effort * len(days) / 365
    count = min(int(rng.poisson(mean)), int(np.count_nonzero(weight)) // 3)
    if count == 0:
        return []
    chosen = rng.choice(len(days), count, replace=False, p=weight / weight.sum())
    return [hand.first + timedelta(days=int(after)) for after in np.sort(chosen)]


def weights(days: NDArray[np.datetime64], habit: Habit) -> NDArray[np.float64]:
    """Return how likely care is on each day, by its month and by whether it is in a weekend."""
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    weekend = ~np.is_busday(days)
    return np.array(habit.season)[month] * np.where(weekend, habit.weekend, 1.0)


def one_time(hand: Hand, day: date, rng: np.random.Generator) -> dict[str, Any]:
    """Return one row of care."""
    habit, alone = hand.habit, hand.party.kind == "person"
    work = choose(habit.works, day.month, rng)
    people = 1 if alone else 1 + int(rng.poisson(rng.gamma(2, habit.others * work.crowd / 2)))
    step = 5 if habit.usual_min < 30 else 15
    minutes = step * max(1, round(habit.usual_min * rng.lognormal(0, 0.35) / step))
    amount = max(1, round(people * work.each * rng.lognormal(0, 0.4))) if work.each else None
    notes = NOTES.get(work.kind, ())
    noted = bool(notes) and rng.random() < NOTE_SHARE
    return {
        "layer": hand.site[0],
        "ref": hand.site[1],
        "party": hand.party.name,
        "party_kind": hand.party.kind,
        "kind": work.kind,
        "day": day,
        "minutes": min(minutes, 600),
        "people": people,
        "amount": amount,
        "unit": work.unit,
        "note": str(rng.choice(notes)) if noted else "",
    }


def choose(works: tuple[Work, ...], month: int, rng: np.random.Generator) -> Work:
    """Return a kind of work of the month."""
    possible = [work for work in works if month in work.months]
    share = np.array([work.share for work in possible])
    return possible[int(rng.choice(len(possible), p=share / share.sum()))]
