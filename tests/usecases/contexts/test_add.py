"""What becomes of a context file."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geocommons.errors import InvalidInput, NotFound, NotReady
from geocommons.files.checksum import checksum_of
from geocommons.files.reading.vector import Batch
from geocommons.model.context_set import ContextSet
from geocommons.settings import Settings
from geocommons.store.context_sets import find_context, get_context, list_context
from geocommons.store.engine import Store
from geocommons.usecases.context_files import read_context
from geocommons.usecases.contexts.add import add_context, remove_context
from geocommons.usecases.contexts.join import JoinedTable
from geocommons.usecases.contexts.nodes import settle_nodes
from geocommons.usecases.contexts.plan import CONTEXT_KINDS, ContextOptions, make_plan
from geocommons.usecases.contexts.report import ContextReport
from geocommons.usecases.contexts.rows import ContextRows
from tests.make import NOW, square, write_layer
from tests.town import add, house, street


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def entry(store: Store, kind: str) -> ContextSet:
    with store.reading() as session:
        return get_context(session, kind)


def read(store: Store, settings: Settings, kind: str) -> gpd.GeoDataFrame:
    return read_context(settings, entry(store, kind))


def test_a_set_is_catalogued_with_what_it_is_and_where_it_is_from(store: Store, settings: Settings) -> None:
    said = {"licence": "CC0-1.0", "attribution": "De stad", "source": "Kadaster", "name": "straten"}
    report = add(store, settings, "streets", [street(0, 1), street(1, 2)], **said)
    assert (report.read, report.accepted, report.rejected, report.exit_code) == (2, 2, 0, 0)
    kept = entry(store, "streets")
    assert (kept.name, kept.licence, kept.attribution, kept.source) == ("straten", "CC0-1.0", "De stad", "Kadaster")
    assert (kept.features, kept.crs, kept.columns) == (2, "EPSG:4326", ["name", "class"])
    assert (kept.west, kept.south, kept.east, kept.north) == pytest.approx((5.0, 52.0, 5.002, 52.0))
    assert kept.checksum == checksum_of(settings.context_dir / kept.path)
    assert read(store, settings, "streets")["name"].tolist() == ["Dorpsstraat", "Dorpsstraat"]


def test_adding_again_replaces_the_set_and_its_file(store: Store, settings: Settings) -> None:
    add(store, settings, "streets", [street(0, 1)])
    first = entry(store, "streets").path
    add(store, settings, "streets", [street(0, 1), street(1, 2)])
    with store.reading() as session:
        assert [kept.features for kept in list_context(session)] == [2]
    assert [file.name for file in settings.context_dir.iterdir()] == [entry(store, "streets").path]
    assert first != entry(store, "streets").path


def test_adding_the_same_file_twice_keeps_its_file(store: Store, settings: Settings) -> None:
    for _ in range(2):
        add(store, settings, "streets", [street(0, 1)])
    assert len(read(store, settings, "streets")) == 1


def test_people_that_cannot_be_counted_are_refused_row_by_row(store: Store, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "lon,lat,people\n5,52,10\n5,52,-1\n5,52,many\n5,52,\n5,52,inf\n,,3\n5,52,2.5\n5,52,1 000\n", encoding="utf-8"
    )
    report = add_context(store, settings, "population", file, ContextOptions(), now=NOW)
    assert (report.read, report.accepted, report.rejected, report.exit_code) == (8, 2, 6, 1)
    assert [(note.row, note.column) for note in report.rows] == [
        (2, "people"), (3, "people"), (4, "people"), (5, "people"), (6, "geometry"), (8, "people"),
    ]  # fmt: skip
    assert "“many”" in report.rows[1].reason and "empty" in report.rows[2].reason
    assert report.people == 12.5 == read(store, settings, "population")["people"].sum()


def test_groups_take_the_names_that_a_person_gives_them(store: Store, settings: Settings) -> None:
    rows = [{"pop": 9, "AGE_65": 3, "blank": None, "geometry": square(0)}]
    add(store, settings, "population", rows, groups={"Older people": "AGE_65", "young": "blank"})
    frame = read(store, settings, "population")
    assert frame[["people", "group_older_people", "group_young"]].iloc[0].tolist() == [9, 3, 0]


def test_a_table_is_joined_once_for_each_place_and_nothing_is_lost_in_silence(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    table = tmp_path / "homes.csv"
    table.write_text("nr,homes\nA,1\nA,100\nB,2\nC,4\n,8\nD,16\n", encoding="utf-8")
    bow_tie = shapely.Polygon([(5, 52), (5.001, 52.001), (5.001, 52), (5, 52.001)])
    rows = [
        {"lot": "A", "geometry": bow_tie},
        {"lot": "A", "geometry": square(0)},
        {"lot": "A", "geometry": square(1)},
        {"lot": "B", "geometry": square(2)},
        {"lot": "X", "geometry": square(3)},
        {"lot": None, "geometry": square(4)},
    ]
    report = add(store, settings, "population", rows, people="homes", join=table, on=("lot", "nr"))
    assert (report.read, report.accepted, report.people) == (6, 2, 3)
    assert [(note.row, note.ref, note.column) for note in sorted(report.rows, key=lambda note: note.row)] == [
        (1, "A", "geometry"), (3, "A", "lot"), (5, "X", "lot"), (6, None, "lot"),
    ]  # fmt: skip
    assert report.table is not None
    joined = report.table.as_dict()
    assert (joined["read"], joined["used"], joined["repeated"], joined["unplaced"]) == (6, 2, 1, 3)
    assert joined["unplaced_people"] == 20
    assert [(note["row"], note["ref"]) for note in joined["rows"]] == [(2, "A"), (4, "C"), (5, None), (6, "D")]


@given(
    places=st.lists(st.sampled_from("ABCDE"), max_size=12),
    keys=st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=12),
)
def test_a_join_never_counts_people_twice(
    places: list[str], keys: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "join.csv"
    file.write_text("key,people\n" + "".join(f"{key},{10**at}\n" for at, key in enumerate(keys)), encoding="utf-8")
    table, report = JoinedTable(file, "key"), ContextReport("population", "a")
    plan = make_plan("population", ContextOptions(join=file, on=("key", "key")), ["key"], ["key", "people"], file="a")
    rows = ContextRows(plan, report, table)
    points = shapely.points(np.full(len(places), 5.0), 52.0)
    rows.take(Batch(1, np.asarray(points, dtype=object), {"key": list(places)}))
    people = rows.frame()["people"].sum()
    assert people == sum(10 ** keys.index(key) for key in set(places) & set(keys))
    done = table.close("people")
    assert done.read == done.used + done.repeated + done.unplaced
    assert report.read == report.accepted + report.rejected


def test_a_node_id_that_stands_at_two_places_joins_no_streets_that_do_not_meet(
    store: Store, settings: Settings
) -> None:
    rows = [
        street(0, 1, FromNode=1, ToNode=2),
        street(1, 2, FromNode=2, ToNode=3),
        street(2, 3, FromNode=3, ToNode=4),
        street(10, 11, FromNode=2, ToNode=11),
        street(11, 12, FromNode=11, ToNode=12),
    ]
    report = add(store, settings, "streets", rows)
    assert [(note.row, note.column) for note in report.repairs] == [(4, "FromNode")]
    assert report.accepted == 5
    frame = read(store, settings, "streets")
    assert frame["from_node"].isna().tolist() == [False, False, False, True, False]


def test_an_end_without_an_id_joins_the_streets_at_its_place() -> None:
    lines = np.array([street(0, 1)["geometry"], street(1, 2)["geometry"]], dtype=object)
    nodes = settle_nodes(["a", None], [7.0, "c"], lines)
    assert (nodes.from_node.tolist(), nodes.to_node.tolist(), nodes.filled) == (["a", "7"], ["7", "c"], 1)


def test_an_end_that_is_alone_with_its_id_joins_the_others_at_its_place_but_a_bridge_stays_a_bridge() -> None:
    lines = [street(0, 1), street(1, 2), street(1, 3), street(1, 4)]
    crossing = np.array([line["geometry"] for line in lines], dtype=object)
    alone = settle_nodes([0, 1, 1, 9], [1, 2, 3, 4], crossing)
    assert (alone.from_node.tolist(), alone.filled, alone.strays) == ([0, 1, 1, 1], 1, [])
    bridge = settle_nodes([0, 1, 9, 9], [1, 2, 3, 4], crossing)
    assert (bridge.from_node.tolist(), bridge.filled) == ([0, 1, 9, 9], 0)


def test_streets_whose_ids_stand_the_other_way_round_are_turned() -> None:
    lines = np.array([street(at, at + 1)["geometry"] for at in range(4)], dtype=object)
    nodes = settle_nodes([0, 1, 3, 3], [1, 2, 2, 4], lines)
    assert (nodes.from_node.tolist(), nodes.to_node.tolist()) == ([0, 1, 2, 3], [1, 2, 3, 4])
    assert (nodes.turned, nodes.strays, nodes.filled) == (1, [], 0)


@given(
    st.permutations(list(range(8))),
    st.lists(st.booleans(), min_size=7, max_size=7),
    st.lists(st.integers(0, 6), max_size=3),
)
def test_whatever_the_ids_say_streets_that_meet_share_a_node_and_no_others_do(
    names: list[int], turned: list[bool], wrong: list[int]
) -> None:
    lines = np.array([street(at, at + 1)["geometry"] for at in range(7)], dtype=object)
    ids = [[names[at], names[at + 1]] for at in range(7)]
    for at, turn in enumerate(turned):
        ids[at] = ids[at][::-1] if turn else ids[at]
    for at in wrong:
        ids[at][0] = names[7 - at]
    nodes = settle_nodes([pair[0] for pair in ids], [pair[1] for pair in ids], lines)
    place: dict[object, int] = {}
    for at, (start, end) in enumerate(zip(nodes.from_node, nodes.to_node, strict=True)):
        for node, where in ((start, at), (end, at + 1)):
            if not pd.isna(node):
                assert place.setdefault(node, where) == where


def test_node_ids_that_are_whole_numbers_stay_numbers() -> None:
    lines = np.array([street(0, 1)["geometry"]], dtype=object)
    assert settle_nodes([1.0], ["2"], lines).to_node.tolist() == [2]


def test_shapes_that_a_kind_is_not_drawn_as_are_refused(store: Store, settings: Settings, tmp_path: Path) -> None:
    rows = [
        street(0, 1),
        {"name": "x", "class": "", "geometry": square(0)},
        {"name": "y", "class": "", "geometry": None},
    ]
    file = write_layer(tmp_path / "mixed.geojson", rows)
    report = add_context(store, settings, "streets", file, ContextOptions(), now=NOW)
    assert [(note.row, note.ref) for note in report.rows] == [(2, "x"), (3, "y")]
    assert "wanted are lines" in report.rows[0].reason


def test_a_district_without_a_name_is_refused(store: Store, settings: Settings) -> None:
    rows = [{"NAME": "West", "geometry": square(0)}, {"NAME": " ", "geometry": square(1)}]
    report = add(store, settings, "districts", rows)
    assert [note.row for note in report.rows] == [2]
    assert read(store, settings, "districts")["name"].tolist() == ["West"]


def test_a_file_without_one_good_row_leaves_the_register_as_it_was(store: Store, settings: Settings) -> None:
    add(store, settings, "population", [house(0)])
    before = entry(store, "population").checksum
    report = add(store, settings, "population", [house(0, people=-5)])
    assert (report.accepted, report.exit_code) == (0, 2)
    assert entry(store, "population").checksum == before
    assert len(read(store, settings, "population")) == 1


def test_a_file_of_another_place_is_refused(store: Store, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, area=(4.0, 51.0, 4.5, 51.5))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="area of interest"):
        add(store, settings, "streets", [street()])
    with store.reading() as session:
        assert find_context(session, "streets") is None


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("parks", {}, "not a kind of context"),
        ("population", {}, "--people"),
        ("population", {"people": "nobody"}, "no column “nobody”"),
        ("districts", {}, "--name-column"),
        ("streets", {"from_node": "a"}, "one end only"),
        ("population", {"join": Path("gone.csv")}, "There is no file"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_what_to_do(
    store: Store, settings: Settings, kind: str, options: dict[str, object], said: str
) -> None:
    with pytest.raises((InvalidInput, NotFound), match=said):
        add(store, settings, kind, [{"a": 1, "geometry": square(0)}], **options)


def test_a_removed_set_is_gone_with_its_file(store: Store, settings: Settings) -> None:
    add(store, settings, "green", [{"geometry": square(0)}])
    remove_context(store, settings, "green")
    assert list(settings.context_dir.iterdir()) == []
    with pytest.raises(NotFound, match="green"):
        remove_context(store, settings, "green")
    with pytest.raises(NotReady, match="geocommons context add green FILE"):
        entry(store, "green")


def test_a_file_that_was_changed_behind_the_registers_back_is_not_used(store: Store, settings: Settings) -> None:
    add(store, settings, "green", [{"geometry": square(0)}])
    path = settings.context_dir / entry(store, "green").path
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(NotReady, match="changed"):
        read(store, settings, "green")


@pytest.mark.parametrize("kind", CONTEXT_KINDS)
def test_every_kind_takes_the_file_that_the_register_wrote_itself(store: Store, settings: Settings, kind: str) -> None:
    shape = street()["geometry"] if kind == "streets" else square(0)
    rows = [{"name": "a", "kind": "b", "ref": "c", "people": 1, "group_older": 1, "geometry": shape}]
    add(store, settings, kind, rows)
    first = entry(store, kind)
    again = settings.data_dir / "again.parquet"
    again.write_bytes((settings.context_dir / first.path).read_bytes())
    add_context(store, settings, kind, again, ContextOptions(), now=NOW)
    assert entry(store, kind).checksum == first.checksum


def test_streets_come_from_openstreetmap_too(store: Store, settings: Settings, realdata: Path) -> None:
    file = realdata / "streets" / "poa_osm.pbf"
    report = add_context(store, settings, "streets", file, ContextOptions(), now=NOW)
    frame = read(store, settings, "streets")
    assert report.accepted == len(frame) > 15_000
    assert list(frame.columns) == ["name", "class", "from_node", "to_node", "geometry"]
    assert "motorway" not in set(frame["class"])
