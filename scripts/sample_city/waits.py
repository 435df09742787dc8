"""When each of those who took something on, or asked to, first asked for it."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from scripts.sample_city.book import Book

USUAL_WAIT_DAYS = {
    "clt-parcels": 240.0,
    "rivers": 35.0,
    "gardens": 80.0,
    "garden-plots": 190.0,
    "vacant-lots": 60.0,
    "storm-drains": 12.0,
}
"""What half of the applicants wait at most: a land trust and a plot have waiting lists, a drain has none."""
ASKED_FOR = ("ground_lease", "plot_rental", "stewardship", "licence")
LONGEST_WAIT_DAYS = 4 * 365
NOTED = 0.86
"""Share of what is held now of which the day of asking was written down."""


def note_requests(book: Book, rng: np.random.Generator) -> None:
    """Write into each tenure the day of asking; a request that waits was asked for on the day of its record."""
    day_of_record = {record["ref"]: record["day"] for record in book.records}
    seasons = {(row["layer"], row["ref"], row["party"], row["valid_to"]) for row in book.tenures}
    for row in book.tenures:
        if row["type"] not in ASKED_FOR:
            continue
        stays_on = (row["layer"], row["ref"], row["party"], row["valid_from"]) in seasons
        if row["status"] == "requested":
            row["requested_on"] = day_of_record[row["record"]]
        elif not stays_on and rng.random() < NOTED:
            row["requested_on"] = asked_on(row, rng)


def asked_on(row: dict[str, Any], rng: np.random.Generator) -> date:
    """Return a day some weeks or months before a tenure began."""
    begin: date = row["valid_from"]
    wait_days = round(USUAL_WAIT_DAYS[row["layer"]] * rng.lognormal(0, 0.7))
    return begin - timedelta(days=min(max(wait_days, 1), LONGEST_WAIT_DAYS))
