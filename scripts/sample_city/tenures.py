"""Five years of who stewarded what: leases, gardens, plots, stretches of river, lots and drains."""

from datetime import date, timedelta

import numpy as np

from scripts.sample_city.book import Book, Party
from scripts.sample_city.names import CITY_HALL, GARDEN_GROUPS, RIVER_GROUPS, SPONSORS, TRUST, People
from scripts.sample_city.places import Places, a_day

TODAY = date(2026, 11, 22)
START = date(2021, 1, 1)
SEASONS = range(2021, 2027)
STEWARDSHIP = ("responsibility", "stewardship")
LEASE = ("right", "ground_lease")
RENTAL = ("right", "plot_rental")
OWNERSHIP = ("right", "ownership")
SPONSORED = (0, 1, 4, 6, 7, 9)
"""Which gardens of a dozen have a sponsor."""


def years_after(day: date, years: int) -> date:
    """Return the same day so many years on; 29 February becomes the 28th."""
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def lease_parcels(book: Book, parcels: Places, people: People, rng: np.random.Generator) -> None:
    """Write the trust's ownership of each parcel, and the ground leases of households on it."""
    trust = Party(TRUST, "organisation")
    deeds: dict[date, str] = {}
    for row in parcels.rows:
        site, bought = ("clt-parcels", row["ref"]), row["acquired"]
        if bought not in deeds:
            deeds[bought] = book.record("deed", bought, f"Deed of transfer to the trust, {row['address']}")
        book.tenure(site, trust, OWNERSHIP, (bought, None), deeds[bought])
        if row["homes"] > 0:
            lease_one(book, site, max(bought, START), people, rng)


def lease_one(book: Book, site: tuple[str, str], first: date, people: People, rng: np.random.Generator) -> None:
    """Write the leases of one parcel: most run for 50 years, some households moved on, a few parcels are free."""
    luck = rng.random()
    begin = a_day(rng, first, max(first, date(2024, 12, 31)))
    if luck < 0.09:
        if luck < 0.03:
            wish = a_day(rng, date(2026, 9, 1), date(2026, 11, 15))
            sign_lease(book, site, Party(people.household(), "household"), (wish, years_after(wish, 50)), "requested")
        return
    if luck < 0.24 and begin < date(2023, 6, 1):
        leave = a_day(rng, years_after(begin, 1), date(2026, 3, 1))
        sign_lease(
            book, site, Party(people.household(), "household", bool(rng.random() < 0.3)), (begin, leave), "ended"
        )
        if luck < 0.11:
            return
        begin = leave + timedelta(days=int(rng.integers(14, 90)))
    end = years_after(begin, 50)
    if luck > 0.96:
        end = a_day(rng, date(2027, 1, 15), date(2027, 10, 1))
        begin = years_after(end, -6) if years_after(end, -6) > first else begin
    sign_lease(book, site, Party(people.household(), "household", bool(rng.random() < 0.3)), (begin, end), "")
    if luck > 0.92:
        book.tenure(
            site, Party("Velder Savings Bank", "organisation"), ("restriction", "mortgage"), (begin, None),
            book.record("deed", begin, f"Mortgage on the lease of {site[1]}"),
        )  # fmt: skip


def sign_lease(book: Book, site: tuple[str, str], party: Party, days: tuple[date, date], status: str) -> None:
    """Write a lease and the record of it."""
    kind, title = (
        ("decision", "Request for a ground lease of") if status == "requested" else ("lease", "Ground lease of")
    )
    book.tenure(site, party, LEASE, days, book.record(kind, days[0], f"{title} {site[1]}"), status=status)


def keep_gardens(book: Book, gardens: Places, rng: np.random.Generator) -> None:
    """Write who keeps each garden: one group or two after one another; some gardens have lost theirs."""
    for number, row in enumerate(gardens.rows):
        site = ("gardens", row["ref"])
        group = Party(GARDEN_GROUPS[number % len(GARDEN_GROUPS)].format(row["name"]), "group")
        begin = max(row["opened"], a_day(rng, START, date(2022, 6, 1)))
        luck = number % 12
        if luck == 5:  # lapsed: nobody keeps it now
            book.tenure(
                site, group, STEWARDSHIP, (begin, date(2025, 11, 1)), agree(book, begin, row["name"]), status="ended"
            )
        elif luck == 8:  # handed over from one group to the next
            change = a_day(rng, date(2023, 9, 1), date(2025, 3, 1))
            book.tenure(site, group, STEWARDSHIP, (begin, change), agree(book, begin, row["name"]), status="ended")
            heir = Party(f"Nieuwe {row['name']}", "group")
            book.tenure(site, heir, STEWARDSHIP, (change, years_after(change, 5)), agree(book, change, row["name"]))
        elif luck == 11:
            wish = a_day(rng, date(2026, 9, 15), date(2026, 11, 10))
            record = book.record("decision", wish, f"Request to keep {row['name']}")
            book.tenure(site, group, STEWARDSHIP, (wish, years_after(wish, 5)), record, status="requested")
        else:
            end = date(2027, 1, 1) if luck == 3 else years_after(begin, 5 if begin > date(2022, 3, 1) else 10)
            book.tenure(site, group, STEWARDSHIP, (begin, end), agree(book, begin, row["name"]))
        if luck in SPONSORED:
            sponsor = Party(SPONSORS[number % len(SPONSORS)], "organisation")
            day = a_day(rng, max(row["opened"], date(2024, 1, 1)), date(2026, 5, 1))
            record = book.record("agreement", day, f"Sponsorship of {row['name']}")
            book.tenure(site, sponsor, ("responsibility", "sponsorship"), (day, years_after(day, 3)), record)


def agree(book: Book, day: date, name: str) -> str:
    """Write the record of a stewardship agreement."""
    return book.record("agreement", day, f"Stewardship agreement for {name}")


def rent_plots(book: Book, plots: Places, gardens: Places, people: People, rng: np.random.Generator) -> None:
    """Write the rentals of each plot, one a season from 1 March; most households stay on for the next."""
    opened = {garden["ref"]: garden["opened"] for garden in gardens.rows}
    decisions = {
        year: book.record("decision", date(year, 2, 1), f"Allocation of plots for the season {year}")
        for year in SEASONS
    }
    for row in plots.rows:
        site, party = ("garden-plots", row["ref"]), None
        for year in SEASONS:
            if date(year, 3, 1) < opened[row["ref"].rsplit("-", 1)[0]]:
                continue
            if party is None or rng.random() > 0.78:
                kind = "person" if rng.random() < 0.35 else "household"
                name = people.person() if kind == "person" else people.household()
                party = Party(name, kind, bool(rng.random() < 0.45)) if rng.random() < 0.8 else None
            if party is not None:
                season = (date(year, 3, 1), date(year + 1, 3, 1))
                book.tenure(site, party, RENTAL, season, decisions[year], status="ended" if season[1] <= TODAY else "")
        if party is None and rng.random() < 0.3:
            wish = a_day(rng, date(2026, 9, 1), date(2026, 11, 15))
            record = book.record("decision", wish, f"Waiting list for {row['name']}")
            hopeful = Party(people.household(), "household")
            book.tenure(site, hopeful, RENTAL, (date(2027, 3, 1), date(2028, 3, 1)), record, status="requested")


def adopt_rivers(book: Book, rivers: Places, lengths_m: list[float], rng: np.random.Generator) -> None:
    """Write the adopted stretches of each river: some end to end, some apart, some adopted anew after a lapse."""
    groups = list(RIVER_GROUPS)
    turn = 0
    for row, length_m in zip(rivers.rows, lengths_m, strict=True):
        at = float(round(rng.uniform(0, 0.08) * length_m))
        while at < length_m - 150:
            to = round(min(at + rng.uniform(220, 760), length_m - 0.1), 1)
            free = rng.random() < 0.34
            if not free:
                group = Party(groups[turn % len(groups)], "group")
                turn += 1
                adopt_stretch(book, ("rivers", row["ref"]), row["name"], (at, to), group, turn, rng)
            at = to


def adopt_stretch(
    book: Book,
    site: tuple[str, str],
    name: str,
    stretch: tuple[float, float],
    group: Party,
    turn: int,
    rng: np.random.Generator,
) -> None:
    """Write the stewardships of one stretch, one after the other in time."""
    begin = a_day(rng, START, date(2024, 6, 1))
    title = f"Stewardship agreement for {name}, {stretch[0]:.0f} m to {stretch[1]:.0f} m"
    if turn % 5 == 0:
        change = years_after(begin, 2)
        book.tenure(
            site,
            group,
            STEWARDSHIP,
            (begin, change),
            book.record("agreement", begin, title),
            stretch=stretch,
            status="ended",
        )
        begin = change + timedelta(days=30)
        if turn % 10 == 0:
            return
        group = Party(RIVER_GROUPS[(turn + 6) % len(RIVER_GROUPS)], "group")
    end = date(2027, 1, 1) if turn % 7 == 3 else years_after(begin, 6)
    if turn % 9 == 4:
        wish = a_day(rng, date(2026, 10, 1), date(2026, 11, 15))
        record = book.record("decision", wish, f"Request: {title}")
        book.tenure(site, group, STEWARDSHIP, (wish, years_after(wish, 3)), record, stretch=stretch, status="requested")
        return
    book.tenure(site, group, STEWARDSHIP, (begin, end), book.record("agreement", begin, title), stretch=stretch)


def use_lots(book: Book, lots: Places, people: People, rng: np.random.Generator) -> None:
    """Write the city's ownership of its vacant lots, and who may use the clean ones meanwhile."""
    city = Party(CITY_HALL, "municipality")
    plan = book.record("plan", date(2020, 6, 1), "Inventory of vacant land")
    for number, row in enumerate(lots.rows):
        site = ("vacant-lots", row["ref"])
        if row["owner_kind"] == "city":
            book.tenure(site, city, OWNERSHIP, (row["vacant_since"], None), plan)
        if row["contaminated"] or rng.random() < 0.55:
            continue
        begin = max(a_day(rng, START, date(2026, 5, 1)), row["vacant_since"])
        group = Party(f"Buurtgroep {row['name']}", "group")
        if number % 6 == 0:
            record = book.record("decision", begin, f"Plan for {row['name']} refused: building starts soon")
            book.tenure(site, group, ("right", "licence"), (begin, years_after(begin, 2)), record, status="refused")
        elif number % 6 == 1:
            wish = a_day(rng, date(2026, 9, 1), date(2026, 11, 15))
            record = book.record("plan", wish, f"Plan for {row['name']}")
            book.tenure(
                site,
                Party(people.person(), "person"),
                STEWARDSHIP,
                (wish, years_after(wish, 2)),
                record,
                status="requested",
            )
        else:
            end = years_after(begin, 2 + number % 3)
            record = book.record("agreement", begin, f"Licence to use {row['name']} meanwhile")
            book.tenure(site, group, ("right", "licence"), (begin, end), record, status="ended" if end <= TODAY else "")


def adopt_drains(book: Book, drains: Places, people: People, rng: np.random.Generator) -> None:
    """Write who keeps which drain clear: neighbours, for a year or more; arterial drains stay with city crews."""
    for row in drains.rows:
        if row["on_arterial"] or rng.random() > 0.36:
            continue
        kind = "person" if rng.random() < 0.7 else "household"
        name = people.person() if kind == "person" else people.household()
        begin = a_day(rng, date(2021, 9, 1), date(2026, 10, 1))
        end = years_after(begin, int(rng.integers(1, 5)))
        record = book.record("agreement", begin, f"Adoption of drain {row['ref']}")
        party = Party(name, kind, bool(rng.random() < 0.6))
        book.tenure(
            ("storm-drains", row["ref"]),
            party,
            STEWARDSHIP,
            (begin, end),
            record,
            status="ended" if end <= TODAY else "",
        )
