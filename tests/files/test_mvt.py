"""The wire format, read back with an independent decoder."""

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocommons.files.mvt import LINE, POINT, POLYGON, Shapes, Value, encode_layer, varints, zigzag


def ints(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(numbers, dtype=np.int64)


def points_at(*places: tuple[int, int]) -> Shapes:
    ones = np.ones(len(places), dtype=np.int64)
    return Shapes(POINT, np.array(places, dtype=np.int64), ones, ones, np.arange(len(places)))


def decoded(data: bytes, name: str = "sites") -> dict[str, object]:
    layer: dict[str, object] = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})[name]
    return layer


def features(data: bytes) -> list[dict[str, object]]:
    found = decoded(data)["features"]
    assert isinstance(found, list)
    return found


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_varints_are_those_of_protocol_buffers(numbers: list[int]) -> None:
    def plain(number: int) -> bytes:
        out = b""
        while number > 0x7F:
            out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
        return out + bytes([number])

    assert varints(np.array(numbers, dtype=np.uint64)) == b"".join(map(plain, numbers))


def test_small_numbers_stay_small_in_zigzag() -> None:
    assert zigzag(ints(0, -1, 1, -2, 2, 2**31 - 1, -(2**31))).tolist() == [0, 1, 2, 3, 4, 2**32 - 2, 2**32 - 1]


def test_a_layer_of_one_point_has_the_bytes_of_the_specification() -> None:
    # MVT 2.1, 4.3.5.1: the point (25, 17) is 9 50 34.
    data = encode_layer("sites", [points_at((25, 17))], None, {}, extent=4096)
    assert bytes([0x18, 1, 0x22, 3, 9, 50, 34]) in data


def test_lines_and_polygons_have_the_commands_of_the_specification() -> None:
    # MVT 2.1, 4.3.5.4 (two lines) and 4.3.5.6 (a polygon of two, the second with a hole).
    lines = Shapes(LINE, np.array([[2, 2], [2, 10], [10, 10], [1, 1], [3, 5]]), ints(3, 2), ints(2), ints(0))
    assert bytes([9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8]) in encode_layer("l", [lines], None, {}, extent=4096)
    rings = [[0, 0], [10, 0], [10, 10], [0, 10]]
    rings += [[11, 11], [20, 11], [20, 20], [11, 20], [13, 13], [13, 17], [17, 17], [17, 13]]
    polygons = Shapes(POLYGON, np.array(rings), ints(4, 4, 4), ints(3), ints(0))
    expected = map(int, "9 0 0 26 20 0 0 20 19 0 15 9 22 2 26 18 0 0 18 17 0 15 9 4 13 26 0 8 8 0 0 7 15".split())
    assert bytes(expected) in encode_layer("p", [polygons], None, {}, extent=4096)


def test_a_layer_without_features_is_left_out() -> None:
    nothing = Shapes(POINT, np.empty((0, 2), dtype=np.int64), ints(), ints(), ints())
    assert encode_layer("sites", [nothing], None, {"a": []}, extent=4096) == b""


@pytest.mark.parametrize(
    "value", ["Bröthaven 花园 🌳", "", 0, 1, -1, -7, 2**31 + 5, -(2**40), 2**63, 0.5, -2.25e10, 1e300, True, False]
)
def test_a_property_comes_back_with_its_value_and_type(value: Value) -> None:
    data = encode_layer("sites", [points_at((1, 1))], None, {"fact": [value]}, extent=4096)
    properties = features(data)[0]["properties"]
    assert properties == {"fact": value}
    assert isinstance(properties, dict)
    assert type(properties["fact"]) is type(value)


def test_numbers_texts_and_truths_that_look_alike_stay_apart() -> None:
    column: list[Value] = [1, 1.0, True, "1", 0, False, 0.0]
    data = encode_layer(
        "sites", [points_at(*[(i, i) for i in range(7)])], None, {"a": column, "b": column[::-1]}, extent=64
    )
    for row, (a, b) in zip(features(data), zip(column, column[::-1], strict=True), strict=True):
        properties = row["properties"]
        assert isinstance(properties, dict)
        assert [type(properties["a"]), type(properties["b"])] == [type(a), type(b)]
        assert properties == {"a": a, "b": b}


def test_a_property_that_is_not_there_is_left_out() -> None:
    columns: dict[str, list[Value]] = {"steward": [None, "Ada"], "score": [float("nan"), 2.0], "never": [None, None]}
    data = encode_layer("sites", [points_at((1, 1), (2, 2))], None, columns, extent=4096)
    assert [feature["properties"] for feature in features(data)] == [{}, {"steward": "Ada", "score": 2.0}]
    assert b"never" not in data


def test_a_value_stands_once_in_the_tile_however_often_it_is_used() -> None:
    places = [(i, i) for i in range(100)]
    data = encode_layer(
        "sites", [points_at(*places)], None, {"a": ["cared_for"] * 100, "b": ["cared_for"] * 100}, extent=4096
    )
    assert data.count(b"cared_for") == 1


def test_ids_beyond_32_bits_come_back_and_a_negative_id_is_left_out() -> None:
    data = encode_layer("sites", [points_at((1, 1), (2, 2), (3, 3))], ints(2**31 + 1, -1, 2**62), {}, extent=4096)
    assert [feature.get("id", 0) for feature in features(data)] == [2**31 + 1, 0, 2**62]


def test_columns_may_be_numpy_arrays() -> None:
    columns = {"people": np.array([4, -5]), "share": np.array([0.25, np.nan]), "served": np.array([True, False])}
    data = encode_layer("sites", [points_at((1, 1), (2, 2))], None, columns, extent=4096)
    expected = [{"people": 4, "share": 0.25, "served": True}, {"people": -5, "served": False}]
    assert [feature["properties"] for feature in features(data)] == expected


def test_a_layer_says_its_version_and_extent() -> None:
    layer = decoded(encode_layer("sites", [points_at((1, 1))], None, {}, extent=512))
    assert (layer["version"], layer["extent"]) == (2, 512)
