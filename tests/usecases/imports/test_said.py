"""What is wrong with rows is said whole in the language of who reads it: values as they are, every word around them."""

import re
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geocommons.crs import BBox
from geocommons.language import Choices, Sentence, Words, catalogue, is_sayable
from geocommons.model.tenure import TENURE_WORDS, TYPES
from geocommons.numerals import Amount
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.contexts.add import add_context
from geocommons.usecases.contexts.plan import ContextOptions
from geocommons.usecases.contexts.shapes import check_shapes
from geocommons.usecases.imports.geometry_checks import FLAWS, check_geometries
from geocommons.usecases.imports.report import RowNote
from geocommons.usecases.imports.tables.duties import import_duties
from geocommons.usecases.imports.tables.records import import_records
from tests.make import NOW, hold, load, square, tend, write_layer

ENGLISH = re.compile(
    r"\b(the|and|or|not|row|place|layer|with|from|to|has|have|must|should|file|its|it|a|an|before|between|notice"
    r"|first|number|correct|day|stewardship|ground|lease|leave|write|input|valid|line|lines|polygon|gardens)\b",
    re.IGNORECASE,
)
BOW_TIE = shapely.Polygon([(5.1, 52), (5.101, 52.001), (5.101, 52), (5.1, 52.001)])
Refused = Callable[[Store, Path], list[RowNote]]


def dutch(note: RowNote) -> str:
    said = note.as_dict("nl")
    return f"{said['reason']} {said['remedy']}"


def parts(sentence: object) -> Iterator[Sentence]:
    """Return a sentence, and the ones that fill its gaps."""
    if isinstance(sentence, Sentence):
        yield sentence
        for part in sentence.params.values():
            yield from parts(part)


def around(sentence: Sentence) -> str:
    """Return what is said in Dutch around values, and codes, that are kept as such."""

    def told(part: Any) -> Any:
        if isinstance(part, Choices):
            return ", ".join(words.say("nl") for words in part.words.values())
        if isinstance(part, Sentence):
            return around(part)
        return part if is_sayable(part) else "…"

    return Sentence(sentence.sentence, **{name: told(part) for name, part in sentence.params.items()}).say("nl")


def untranslated(note: RowNote) -> list[str]:
    known = catalogue("nl")
    assert known is not None
    said = [part for text in (note.reason, note.remedy) for part in parts(text)]
    return [part.sentence for part in said if not (found := known.get(part.sentence)) or not found.string]


def of_places(store: Store, folder: Path) -> list[RowNote]:
    rows = [
        {"ref": "A", "homes": "6000", "geometry": square(1)},
        {"ref": "B", "homes": "many", "geometry": square(2)},
        {"ref": "C", "homes": "1.5", "geometry": square(3)},
        {"ref": "D", "acquired": "yesterday", "geometry": square(4)},
        {"ref": "E", "lot_number": "9" * 41, "geometry": square(5)},
        {"ref": "F", "certainty": "sure", "geometry": square(6)},
        {"ref": "G", "geometry": shapely.LineString([(5, 52), (5.1, 52)])},
        {"ref": "H", "geometry": BOW_TIE},
        {"ref": "I", "geometry": square(9)},
        {"ref": "I", "geometry": square(10)},
        {"ref": "J", "geometry": square(9, size=0.5)},
        {"ref": None, "geometry": square(12)},
        {"ref": "K", "geometry": None},
        {"ref": "L", "geometry": shapely.box(50, 10, 50.001, 10.001)},
    ]
    report = load(store, write_layer(folder / "p.gpkg", rows), area="3,50,8,54")
    assert report.accepted == 1
    return report.rows


def of_plots(store: Store, folder: Path) -> list[RowNote]:
    rows = [{"ref": "P", "raised_bed": "perhaps", "geometry": square(1)}, {"ref": "Q", "geometry": square(2)}]
    file = write_layer(folder / "plots.gpkg", rows)
    return load(store, file, "garden-plots").rows + load(store, file, "gardens", on="clt-parcels").rows


def of_tenures(store: Store, folder: Path) -> list[RowNote]:
    load(store, write_layer(folder / "p.gpkg", [{"ref": "P1", "geometry": square(1)}]))
    drains = [{"ref": "D", "on_arterial": True, "geometry": shapely.Point(5, 52)}]
    load(store, write_layer(folder / "d.gpkg", drains), "storm-drains")
    river = [{"ref": "R", "geometry": shapely.LineString([(5, 52), (5.1, 52)])}]
    load(store, write_layer(folder / "r.gpkg", river), "rivers")
    adopt = "rivers,R,{},group,responsibility,stewardship,{},{},2024-01-01,,A-1,,"
    lease = "clt-parcels,{},{},{},right,{},,,{},{},LEASE-1,,"
    report = hold(
        store, folder,
        lease.format("P1", "Jan", "household", "ground_lease", "2020-01-01", ""),
        lease.format("P1", "Piet", "household", "ground_lease", "2021-01-01", ""),
        lease.format("P9", "Jan", "household", "ground_lease", "2020-01-01", ""),
        lease.format("P1", "Jan", "tribe", "ground_lease", "2020-01-01", ""),
        lease.format("P1", "Jan", "household", "feud", "2020-01-01", ""),
        lease.format("P1", "Jan", "household", "ground_lease", "1/2/2020", ""),
        lease.format("P1", "Jan", "household", "ground_lease", "2020-01-01", "2010-01-01"),
        lease.format("P1", "", "household", "ground_lease", "2020-01-01", ""),
        adopt.format("Otters", 10, 20), adopt.format("Herons", 15, 30),
        adopt.format("Herons", 30, 9_000_000), adopt.format("Herons", 30, ""), adopt.format("Herons", "far", 50),
        "storm-drains,D,Otters,group,responsibility,stewardship,,,2024-01-01,,A-1,,",
    )  # fmt: skip
    assert (report.accepted, len(report.rows)) == (2, 12)
    return report.rows


def of_care(store: Store, folder: Path) -> list[RowNote]:
    load(store, write_layer(folder / "g.gpkg", [{"ref": "G0", "geometry": square(1)}]), "gardens")
    given = "c-1,gardens,G0,Otters,group,weeding,2026-04-01,90,4,,,"
    report = tend(
        store, folder, given, given, given.replace("c-1", ""), given.replace("c-1", "c-2").replace("G0", "G9"),
        given.replace("2026-04", "2027-04"), given.replace(",90,", ",2000,"), given.replace(",90,", ",many,"),
        given.replace(",4,,", ",0,,"), given.replace(",4,,", ",4,7,"), given.replace("c-1", "c" * 201),
        given.replace("gardens", "castles").replace("c-1", "c-3"),
    )  # fmt: skip
    assert report.accepted == 1
    return report.rows


def of_duties(store: Store, folder: Path) -> list[RowNote]:
    due = "d-1,gardens,G0,soil test,2026-03-01,365,,"
    table = folder / "duties.csv"
    lines = [due, due.replace("365", "0"), due.replace("365,", "365,2099-01-01"), due.replace("2026-03-01", "soon")]
    table.write_text("\n".join(["id,layer,ref,kind,due_on,every_days,done_on,evidence", *lines]), encoding="utf-8")
    return import_duties(store, Settings(data_dir=folder), table, now=NOW).rows


def of_records(store: Store, folder: Path) -> list[RowNote]:
    table = folder / "records.csv"
    lines = [",deed,2020-01-01,Without a ref", "D-1,rumour,2020-01-01,Heard", "D-2,deed,in spring,When"]
    table.write_text("\n".join(["ref,kind,day,title", *lines]), encoding="utf-8")
    return import_records(store, Settings(data_dir=folder), table, now=NOW).rows


def of_context(store: Store, folder: Path) -> list[RowNote]:
    rows = [
        {"people": "many", "geometry": square(1)},
        {"people": None, "geometry": square(2)},
        {"people": "3", "geometry": shapely.LineString([(5, 52), (5.1, 52)])},
        {"people": "3", "geometry": square(3)},
    ]
    file = write_layer(folder / "blocks.gpkg", rows)
    return add_context(store, Settings(data_dir=folder), "population", file, ContextOptions(), now=NOW).rows


@pytest.mark.parametrize(
    ("refused", "count"),
    [
        (of_places, 13), (of_plots, 4), (of_tenures, 12), (of_care, 10), (of_duties, 4), (of_records, 3),
        (of_context, 3),
    ],
)  # fmt: skip
def test_no_english_is_left_in_what_a_dutch_reader_is_told_of_rows(
    store: Store, tmp_path: Path, refused: Refused, count: int
) -> None:
    notes = refused(store, tmp_path)
    assert len(notes) == count
    for note in notes:
        assert untranslated(note) == []
        assert ENGLISH.findall(f"{around(note.reason)} {around(note.remedy)}") == [], dutch(note)
        english = note.as_dict()
        assert (english["reason"], english["remedy"]) == (note.reason, note.remedy), "as it is kept"


def test_numbers_and_the_words_of_a_layer_are_said_as_the_reader_writes_them(store: Store, tmp_path: Path) -> None:
    said = {note.ref: note for note in of_places(store, tmp_path)}
    assert said["A"].reason == "Homes must be 5000 or less, not 6000."
    assert dutch(said["A"]).startswith("Woningen moet 5000 of minder zijn, niet 6000.")
    assert re.search(r" [12],\d{3}\.\d m2 of “I”", said["J"].reason)
    assert re.search(r" [12]\.\d{3},\d m2 van “I”", dutch(said["J"]))
    plots = of_plots(store, tmp_path)
    assert "ligt niet binnen een plek van de laag “Tuinen”" in dutch(plots[1])


def test_a_clash_says_its_type_its_end_and_its_stretch_in_dutch(store: Store, tmp_path: Path) -> None:
    said = [dutch(note) for note in of_tenures(store, tmp_path)]
    assert any("een erfpacht van 2020-01-01 tot nader bericht." in text for text in said)
    assert any("een beheer van 2024-01-01 tot nader bericht tussen 10 en 20 m." in text for text in said)
    assert any(
        "Het stuk van 30 tot 9.000.000 m ligt niet op de lijn, die van 0 tot 6.867,8 m loopt." in text for text in said
    )
    assert set(TENURE_WORDS) == {name for names in TYPES.values() for name in names}


def test_what_a_shape_is_and_what_is_wrong_with_it_is_said_in_dutch() -> None:
    kinds = ("POINT (5 52)", "LINESTRING (5 52, 6 52)", "POLYGON ((5 52, 6 52, 6 53, 5 52))",
             "MULTIPOINT (5 52, 6 53)", "GEOMETRYCOLLECTION (POINT (5 52), LINESTRING (5 52, 6 52))")  # fmt: skip
    shapes = np.array([shapely.from_wkt(kind) for kind in kinds], dtype=object)
    earth = BBox(-180.0, -90.0, 180.0, 90.0)
    told = [reason for wanted in ("Point", "LineString", "Polygon")
            for reason, _ in check_geometries(shapes, wanted, earth).refusals.values()]  # type: ignore[arg-type]  # fmt: skip
    told += [reason for reason, _ in check_shapes(shapes, (0, 2)).refusals.values()]
    told += list(FLAWS)
    assert len(told) > 20
    for reason in told:
        assert ENGLISH.findall(reason.say("nl")) == []
    assert "The geometry is a polygon; the layer wants a point." in told
    assert "The geometry is of the wrong kind; wanted are points or polygons." in told


def test_points_of_a_layer_of_polygons_are_told_of_the_option_that_places_them() -> None:
    shapes = np.array([shapely.Point(5, 52), shapely.LineString([(5, 52), (6, 52)])], dtype=object)
    refusals = check_geometries(shapes, "Polygon", BBox(-180.0, -90.0, 180.0, 90.0)).refusals
    assert ["--on LAYER" in refusals[row][1] for row in (0, 1)] == [True, False]


def test_a_sentence_is_its_english_text_and_a_copy_can_still_be_said() -> None:
    inner = Sentence("further notice")
    sentence = Sentence("{first} and {second}", first=Words(en="Gardens", nl="Tuinen"), second=inner)
    assert (sentence, copy(sentence)) == ("Gardens and further notice",) * 2
    assert sentence.say("nl") == copy(sentence).say("nl") == "Tuinen en nader bericht"
    assert (
        Sentence("{first} and {second}", first="{braces}", second=Amount(1234.5, 1)).say("nl") == "{braces} en 1.234,5"
    )
