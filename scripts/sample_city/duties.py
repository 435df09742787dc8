"""What is due at places in care: insurance, safety checks, soil tests, inspections; most of it done in time."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from scripts.sample_city.book import Book
from scripts.sample_city.places import Places
from scripts.sample_city.tenures import TODAY, years_after

ROUNDS = 3
"""How many of the last rounds of a duty the register knows."""
IN_TIME, LATE = 0.72, 0.12
TAKEN_ON = ("stewardship", "licence")


@dataclass(frozen=True)
class Duty:
    """Something due on a day of the year, every so many years or (0) once; `of` narrows it to kinds of garden."""

    kind: str
    month: int
    day: int
    years: int
    paper: str
    of: tuple[str, ...] = ()


DUTIES = {
    "gardens": (
        Duty("insurance renewal", 3, 1, 1, "policy"),
        Duty("safety check", 4, 15, 1, "check list", ("school garden", "community garden", "pocket park")),
        Duty("soil test", 9, 30, 3, "laboratory report", ("allotments", "community garden", "food forest")),
    ),
    "storm-drains": (Duty("inspection before winter", 11, 1, 1, "inspection sheet"),),
    "vacant-lots": (Duty("safety check", 6, 1, 1, "check list"), Duty("soil test", 5, 1, 0, "laboratory report")),
}


def note_duties(book: Book, gardens: Places, rng: np.random.Generator) -> None:
    """Write what is due at each garden, drain and lot that somebody has in care today."""
    kinds = {garden["ref"]: garden["kind"] for garden in gardens.rows}
    for row in book.tenures:
        held = row["type"] in TAKEN_ON and row["status"] == "" and row["valid_from"] <= TODAY < row["valid_to"]
        for duty in DUTIES.get(row["layer"], ()) if held else ():
            if not duty.of or kinds[row["ref"]] in duty.of:
                note_rounds(book, (row["layer"], row["ref"]), duty, row["valid_from"], rng)


def note_rounds(book: Book, site: tuple[str, str], duty: Duty, begin: date, rng: np.random.Generator) -> None:
    """Write the last rounds of a duty; only the last says that it comes again."""
    done = [(due, done_on(due, rng)) for due in rounds(duty, begin)]
    # A round before the last that nobody did would be overdue for years: it was done very late.
    done[:-1] = [(due, day or due + timedelta(days=int(rng.integers(90, 240)))) for due, day in done[:-1]]
    # What was left off shows in the round before, which is due again, or in a row of its own.
    if len(done) > 1 and done[-1][1] is None and rng.random() < 0.5:
        done.pop()
    for due, day in done:
        again = duty.years > 0 and due == done[-1][0]
        shown = day is not None and rng.random() < 0.8
        book.duties.append(
            {
                "id": f"D-{len(book.duties) + 1:04d}",
                "layer": site[0],
                "ref": site[1],
                "kind": duty.kind,
                "due_on": due,
                "every_days": 365 * duty.years if again else None,
                "done_on": day,
                "evidence": f"{duty.paper} {day.year}" if day and shown else "",
            }
        )


def rounds(duty: Duty, begin: date) -> list[date]:
    """Return the last days up to today by which a duty was due, or the first to come."""
    due = date(begin.year, duty.month, duty.day)
    days = [due if (due - begin).days > 30 else years_after(due, 1)]
    while duty.years and (due := years_after(days[-1], duty.years)) <= TODAY:
        days.append(due)
    return days[-ROUNDS:]


def done_on(due: date, rng: np.random.Generator) -> date | None:
    """Return the day on which something was done: mostly in time, sometimes late, sometimes not until today."""
    luck = rng.random()
    day = due - timedelta(days=int(rng.integers(0, 31)))
    if luck > IN_TIME:
        day = due + timedelta(days=int(rng.integers(3, 90)))
    return None if luck > IN_TIME + LATE or day > TODAY else day
