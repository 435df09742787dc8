"""Every layer that is installed can be shown, filled in and adopted, in English and in Dutch."""

import re
from datetime import date
from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geocommons.language import Words
from geocommons.layer import Layer, all_layers
from geocommons.model.tenure import TYPES
from geocommons.store.engine import Store
from geocommons.usecases.public_sites import public_frame
from layers.storm_drains import StormDrain
from layers.vacant_lots import VacantLot

LAYERS = list(all_layers().values())
BUILT_IN = {"clt-parcels", "rivers", "gardens", "garden-plots", "vacant-lots", "storm-drains"}
RGB_TO_XYZ = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])
# Machado, Oliveira and Fernandes 2009, severity 1: what a person without one kind of cone sees.
SIGHT = {
    "all cones": np.eye(3),
    "no red": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "no green": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "no blue": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}
each_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)


def words_of(layer: Layer[Any]) -> list[Words]:
    return [layer.title, layer.one, layer.description, *layer.duties, *layer.status_words.values()]


def linear_rgb(color: str) -> NDArray[np.float64]:
    parts = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, relative luminance)."""
    dark, light = sorted(float(linear_rgb(color) @ (0.2126, 0.7152, 0.0722)) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lightness_and_hue(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB coordinates of a linear sRGB colour under D65: 2 to 3 apart is just noticeable."""
    xyz = RGB_TO_XYZ @ np.clip(linear, 0, 1) / (0.95047, 1.0, 1.08883)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_six_layers_that_come_with_the_register_are_found() -> None:
    assert set(all_layers()) >= BUILT_IN


@each_layer
def test_an_id_is_plural_and_kebab_case(layer: Layer[Any]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*s", layer.id)


@each_layer
def test_every_word_is_there_in_dutch(layer: Layer[Any]) -> None:
    for words in words_of(layer):
        assert words.get("nl"), f"{layer.id}: no Dutch for {words['en']!r}"


@each_layer
def test_every_fact_says_what_it_is_in_both_languages(layer: Layer[Any]) -> None:
    for name, fact in layer.facts.model_fields.items():
        extra = fact.json_schema_extra
        assert fact.title and fact.description, f"{layer.id}.{name} has no title or no description"
        assert isinstance(extra, dict) and extra.get("nl"), f"{layer.id}.{name} has no Dutch title"
        translated = extra.get("nl_values", {})
        assert isinstance(translated, dict)
        assert set(translated) == set(fact.examples or ()), f"{layer.id}.{name}: translate every example value"


@each_layer
def test_a_unit_that_ends_a_name_is_told_to_the_form(layer: Layer[Any]) -> None:
    for name, fact in layer.facts.model_fields.items():
        if name.endswith(("_m", "_m2")):
            assert isinstance(fact.json_schema_extra, dict)
            assert fact.json_schema_extra["unit"] == name.rsplit("_", 1)[1]


@each_layer
def test_a_bare_row_of_a_dirty_file_is_taken(layer: Layer[Any]) -> None:
    assert not layer.facts().model_dump(exclude_none=True)
    assert layer.refusal(layer.facts()) is None


@each_layer
def test_a_file_of_a_layer_has_each_column_once(layer: Layer[Any], store: Store) -> None:
    with store.reading() as session:
        columns = public_frame(session, layer.id, date(2026, 5, 1)).columns
    assert set(layer.facts.model_fields) < set(columns) and columns.is_unique


@each_layer
def test_the_schema_of_the_facts_can_draw_a_form(layer: Layer[Any]) -> None:
    schema = layer.facts.model_json_schema()
    assert set(schema["properties"]) == set(layer.facts.model_fields)


@each_layer
def test_terms_of_care_are_complete(layer: Layer[Any]) -> None:
    assert layer.care_types and layer.duties
    assert set(layer.care_types) <= set(chain.from_iterable(TYPES.values()))


@each_layer
def test_a_colour_stands_out_from_a_pale_map(layer: Layer[Any]) -> None:
    assert contrast(layer.color, "#F7F5F0") >= 3


@pytest.mark.parametrize("seen_by", SIGHT)
def test_colours_differ_for_every_kind_of_sight(seen_by: str) -> None:
    colors = [layer.color for layer in LAYERS if layer.id in BUILT_IN]
    seen = [lightness_and_hue(SIGHT[seen_by] @ linear_rgb(color)) for color in colors]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) > 15


def test_no_two_layers_look_alike() -> None:
    assert len({layer.color.lower() for layer in LAYERS}) == len(LAYERS)
    assert len({layer.symbol for layer in LAYERS}) == len(LAYERS)


def test_no_layer_reuses_a_duty_of_another() -> None:
    duties = [duty["en"] for duty in chain.from_iterable(layer.duties for layer in LAYERS)]
    assert len(set(duties)) == len(duties)


def test_a_polluted_lot_is_refused_with_the_reason() -> None:
    words = all_layers()["vacant-lots"].refusal(VacantLot(contaminated=True))
    assert words == Words(
        en="The soil is polluted: the city looks after this lot.",
        nl="De grond is vervuild: de gemeente zorgt voor dit terrein.",
    )
    assert all_layers()["vacant-lots"].refusal(VacantLot(contaminated=False)) is None


def test_a_drain_on_an_arterial_road_is_refused_with_the_reason() -> None:
    words = all_layers()["storm-drains"].refusal(StormDrain(on_arterial=True))
    assert words and "city crews" in words["en"] and words["nl"]
    assert all_layers()["storm-drains"].refusal(StormDrain(on_arterial=False)) is None


def test_a_building_year_of_nought_means_unknown() -> None:
    facts = all_layers()["clt-parcels"].facts
    assert facts.model_validate({"building_year": 0}).model_dump()["building_year"] is None
    assert facts.model_validate({"building_year": "1931"}).model_dump()["building_year"] == 1931
