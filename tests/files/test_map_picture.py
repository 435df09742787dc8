"""A map as a picture: what is on it, and that it is drawn whatever it is given."""

import io

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from PIL import Image
from pypdf import PdfReader

from geocommons.crs import BBox
from geocommons.errors import InvalidInput, UnknownCRS
from geocommons.files.map_picture import (
    SERVED,
    UNSERVED,
    Choropleth,
    Format,
    MapLayer,
    MapLook,
    MapText,
    map_picture,
    ramp_colors,
)

SQUARES = GeoDataFrame(
    geometry=[shapely.box(5 + n / 100, 52, 5.01 + n / 100, 52.01) for n in range(4)], crs="EPSG:4326"
)
CODES = np.array([0, 1, 2, -1])
CLASSES = Choropleth(frame=SQUARES, codes=CODES, labels=["few", "some", "many"], without_figure="no figure")
SAID = MapText(title="Who can reach a garden in $5 & more", attribution="Testdorp, CC0")


def colors_of(png: bytes) -> dict[tuple[int, ...], int]:
    """Return how many pixels have each colour."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    found = image.getcolors(image.size[0] * image.size[1]) or []
    return {color: count for count, color in found if isinstance(color, tuple)}


def rgb(color: str) -> tuple[int, ...]:
    """Return a colour (#rrggbb) as three numbers."""
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))


def words_in(*layers: MapLayer | Choropleth, text: MapText = SAID) -> str:
    """Return what can be read on a map."""
    return PdfReader(io.BytesIO(map_picture(layers, text, form="pdf"))).pages[0].extract_text()


def test_each_class_has_its_colour_from_light_to_dark() -> None:
    found = colors_of(map_picture([CLASSES], SAID))
    shades = ramp_colors(3)
    assert all(found.get(rgb(shade), 0) > 1_000 for shade in shades)
    assert sorted(shades, key=lambda shade: -sum(rgb(shade))) == shades


def test_a_map_says_its_title_classes_scale_north_and_sources() -> None:
    said = words_in(CLASSES, MapLayer(frame=SQUARES.iloc[:1], look=UNSERVED, label="nobody within reach"))
    for words in (SAID.title, "few", "some", "many", "no figure", "nobody within reach", "Testdorp, CC0", "500 m", "N"):
        assert words in said


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    # 1,000 m at 52 degrees north, drawn on a map whose width in metres is known.
    wide = GeoDataFrame(geometry=[shapely.box(5.0, 52.0, 5.1, 52.02)], crs="EPSG:4326")
    png = map_picture([MapLayer(frame=wide, look=SERVED)], MapText(), width_mm=200, height_mm=60, dots_per_inch=127)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    green = np.flatnonzero((abs(pixels - rgb(SERVED.fill)).sum(axis=2) < 12).sum(axis=0) > 50)
    metres_for_each_pixel = 6_869 / (green[-1] - green[0] + 1)
    below = pixels[int(pixels.shape[0] * 0.9) :]
    bar = np.flatnonzero((abs(below - rgb("#15231f")).sum(axis=2) < 30).sum(axis=0) > 0)
    length_m = (bar[-1] - bar[0] + 1) * metres_for_each_pixel
    assert length_m == pytest.approx(1_000, rel=0.03)


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_map_is_the_same_file(form: Format) -> None:
    assert map_picture([CLASSES], SAID, form=form) == map_picture([CLASSES], SAID, form=form)


@pytest.mark.parametrize(
    "geometry",
    [
        [],
        [None],
        [shapely.Point(5, 52)],
        [shapely.Polygon()],
        [shapely.LineString([(5, 52), (5.1, 52)])],
        [shapely.MultiPolygon([shapely.box(5, 52, 5.1, 52.1), shapely.box(6, 52, 6.1, 52.1)]), shapely.Point(5, 52)],
        [shapely.GeometryCollection([shapely.Point(5, 52), shapely.LineString([(5, 52), (5.1, 52)])])],
    ],
    ids=["none", "missing", "one point", "empty", "flat line", "several parts", "collection"],
)
def test_any_frame_gives_a_map(geometry: list[shapely.Geometry | None]) -> None:
    frame = GeoDataFrame(geometry=geometry, crs="EPSG:4326")
    codes = np.zeros(len(frame), dtype=int)
    layers = [MapLayer(frame=frame, look=MapLook(), label="it"), Choropleth(frame=frame, codes=codes, labels=["all"])]
    assert map_picture(layers, MapText(), width_mm=60, height_mm=60).startswith(b"\x89PNG")


def test_a_hole_in_an_area_shows_what_lies_below() -> None:
    ring = shapely.box(5, 52, 5.02, 52.01).difference(shapely.box(5.005, 52.002, 5.015, 52.008))
    frame = GeoDataFrame(geometry=[ring], crs="EPSG:4326")
    png = map_picture([MapLayer(frame=frame, look=SERVED)], MapText(), width_mm=80, height_mm=60)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    middle = pixels[pixels.shape[0] // 2, pixels.shape[1] // 2]
    assert tuple(middle) == rgb("#f3f1ea")


def test_frames_of_different_crs_meet_on_one_map() -> None:
    other = SQUARES.to_crs("EPSG:28992")
    ours = colors_of(map_picture([MapLayer(frame=SQUARES, look=SERVED)], MapText(), bbox=BBox(5, 52, 5.04, 52.01)))
    theirs = colors_of(map_picture([MapLayer(frame=other, look=SERVED)], MapText(), bbox=BBox(5, 52, 5.04, 52.01)))
    assert theirs[rgb(SERVED.fill)] == pytest.approx(ours[rgb(SERVED.fill)], rel=0.01)


def test_many_areas_become_a_picture_inside_a_vector_map() -> None:
    corners = np.random.default_rng(1).uniform(0, 0.1, (3_000, 2))
    boxes = shapely.box(5 + corners[:, 0], 52 + corners[:, 1], 5.001 + corners[:, 0], 52.001 + corners[:, 1])
    frame = GeoDataFrame(geometry=boxes, crs="EPSG:4326")
    many = Choropleth(frame=frame, codes=np.zeros(3_000, dtype=int), labels=["all"])
    assert len(map_picture([many], MapText(), form="pdf")) < 300_000


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(UnknownCRS):
        map_picture([MapLayer(frame=GeoDataFrame(geometry=[shapely.Point(0, 0)]), look=SERVED)], SAID)
    for codes in ([0, 1, 2], [0, 1, 2, 3], [0, 1, 2, -2]):
        with pytest.raises(InvalidInput, match="a code for each place"):
            map_picture([Choropleth(frame=SQUARES, codes=np.array(codes), labels=["a", "b", "c"])], SAID)
