"""What was found of where organisations work, in words."""

from typing import Any

from geocommons.language import Say, mark, translate_plural
from geocommons.model.run import Run
from geocommons.numerals import number, percent
from geocommons.usecases.findings.document import Column, Figure, Findings, MapLayer, Row, Table, figure
from geocommons.usecases.findings.words.names import Names, party_words
from geocommons.usecases.findings.words.service import district_word
from geocommons.usecases.findings.words.sharing import amount_words

Row_ = dict[str, Any]


def turf(run: Run, language: str, names: Names) -> Findings:
    """Return the findings of turf, organisations called as `names` allows."""
    result = run.result
    totals = result["totals"]
    say = Say(language)
    called = party_words(result["turfs"], names, language)
    care, people = result.get("care"), totals["empty_people"]
    tables = (
        _places(result, say),
        _turfs(result["turfs"], called, care is not None, say),
        _overlaps(result["overlaps"], called, say),
    )
    return Findings(
        title=say(mark("Where organisations work")),
        sentence=" ".join((_sentence(totals, say), *_care_words(care, say))),
        figures=_figures(totals, care, say),
        tables=tuple(table for table in tables if table.rows),
        cautions=_cautions(people, care is not None, say),
        measure=people,
        measure_kind="count",
        method=tuple(map(say, (HULLS if result["shape"] == "hull" else SITES, COUNTED, *([CARED] if care else [])))),
        layers=(
            MapLayer("places", say(mark("Organisations at work")), "classes", value="turfs", key="place", kind="count"),
            MapLayer("turf", say(mark("Ground of each organisation")), "classes", value="sites", key="party",
                     kind="count", about=say(mark("Sites"))),
        ),
    )  # fmt: skip


def _figures(totals: Row_, care: Row_ | None, say: Say) -> tuple[Figure, ...]:
    people, empty = totals["empty_people"], totals["empty_places"]
    figures = [
        figure(totals["organisations"], "count", say(mark("organisations")), say.language),
        figure(totals["shared_places"], "count", say(mark("places with several")), say.language),
        figure(empty, "count", say(mark("places with none")), say.language, alarm=empty > 0),
    ]
    if people is not None:
        figures.append(
            figure(people, "count", say(mark("people live where none works")), say.language, alarm=people > 0)
        )
    if care and care["hours"]:
        figures.append(
            figure(care["own_hours"] / care["hours"], "share", say(mark("of care on own ground")), say.language)
        )
    return tuple(figures)


SITES = mark(
    "The turf of an organisation is the ground of the sites that it looks after, on rivers the stretches (STEW-MAP, "
    "USFS GTR-NRS-156)."
)
HULLS = mark(
    "The turf of an organisation is the smallest convex ground around all sites that it looks after (STEW-MAP, USFS "
    "GTR-NRS-156)."
)
COUNTED = mark(
    "A place is a district, or a square cell where there are no districts or cells were asked for. An organisation "
    "works there if its turf lies over some of it; a border that only meets is none."
)

CARED = mark(
    "Care is that of organisations in the 365 days up to and with the day, at sites that are there on the day. It "
    "happened on own ground if who gave it looks after the site, or has turf that it lies over. A site without any "
    "care had none of anybody."
)


def _care_words(care: Row_ | None, say: Say) -> tuple[str, ...]:
    """Return where the care of organisations happened, if care is noted."""
    if care is None:
        return ()
    if not care["hours"]:
        return (say(mark("No organisation gave care in a year.")),)
    told = mark("Of {hours} hours of care that organisations gave in a year, {share} happened on their own ground.")
    share = percent(care["own_hours"] / care["hours"], say.language)
    return (say(told, hours=amount_words(care["hours"], say.language), share=share),)


def _sentence(totals: Row_, say: Say) -> str:
    told = translate_plural(
        mark("{count} organisation looks after sites; in {shared} of {places} places several work."),
        mark("{count} organisations look after sites; in {shared} of {places} places several work."),
        totals["organisations"],
        say.language,
    )
    shared, places = number(totals["shared_places"], say.language), number(totals["places"], say.language)
    said = told.format(count=number(totals["organisations"], say.language), shared=shared, places=places)
    people = totals["empty_people"]
    if people:
        nobody = mark("{people} people live in places where none works.")
        return f"{said} {say(nobody, people=number(people, say.language))}"
    if people == 0:
        return f"{said} {say(mark('Wherever people live, at least one works.'))}"
    return said


def _places(result: Row_, say: Say) -> Table:
    named = any(place["name"] for place in result["places"])
    columns = (
        Column(say(mark("District")) if named else say(mark("Cell"))),
        Column(say(mark("Organisations")), "count"),
        Column(say(mark("People")), "count"),
    )
    rows = tuple(
        Row(
            (
                district_word(place["name"], say.language) if named else number(place["place"], say.language),
                place["turfs"], place["people"],
            ),
            key=str(place["place"]), box=tuple(place["bbox"]),
        )
        for place in result["places"]
    )  # fmt: skip
    return Table(say(mark("Places, those with fewest organisations first")), columns, rows)


def _turfs(turfs: list[Row_], called: dict[int, str], noted: bool, say: Say) -> Table:
    """Return the ground of each organisation, and where its care happened if care is noted."""
    given = (
        ("hours", Column(say(mark("Hours of care")), "number")),
        ("own_hours", Column(say(mark("Hours on own ground")), "number")),
        ("untended", Column(say(mark("Sites without any care")), "count")),
    )
    more = given if noted else ()
    columns = (
        Column(say(mark("Organisation"))),
        Column(say(mark("Sites")), "count"),
        Column(say(mark("Area")), "area"),
        Column(say(mark("Length")), "metres"),
        *(column for _, column in more),
    )
    most = sorted(turfs, key=lambda one: (-one["sites"], -one["area_m2"], -one["length_m"], one["party"]))
    rows = tuple(
        Row(
            (
                called[one["party"]],
                one["sites"],
                one["area_m2"] or None,
                one["length_m"] or None,
                *(one[name] for name, _ in more),
            ),
            key=str(one["party"]),
        )
        for one in most
    )
    return Table(say(mark("Ground of each organisation")), columns, rows)


def _overlaps(overlaps: list[Row_], called: dict[int, str], say: Say) -> Table:
    columns = (
        Column(say(mark("Organisation"))),
        Column(say(mark("with"))),
        Column(say(mark("Shared area")), "area"),
        Column(say(mark("Shared length")), "metres"),
        Column(say(mark("Shared points")), "count"),
    )
    rows = tuple(
        Row(
            (
                called[one["one"]], called[one["other"]], one["area_m2"] or None, one["length_m"] or None,
                one["points"] or None,
            )
        )
        for one in overlaps
    )  # fmt: skip
    return Table(say(mark("Ground that two share")), columns, rows)


def _cautions(people: float | None, noted: bool, say: Say) -> tuple[str, ...]:
    alone = mark("People and households who look after a place by themselves have no turf here.")
    care = mark("Where care happens is not recorded yet, so turf is what is agreed, not what is tended.")
    unknown = mark("Where people live is not known, so places are not told by people. Add population as context.")
    return (say(alone), *([] if noted else [say(care)]), *([say(unknown)] if people is None else []))
