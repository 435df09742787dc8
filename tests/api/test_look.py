"""The colours: what a city may choose, and that everything can be read, light and dark."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.look import DARK_PAPER, PAPER, READABLE, city_tokens, contrast
from api.symbols import mixed
from geocommons.errors import InvalidInput
from geocommons.files import palette
from geocommons.settings import Settings
from tests.conftest import make_register

TOKENS = Path(__file__).parents[2] / "api" / "web" / "src" / "style" / "tokens.css"
READ_ON = [
    ("ink", "paper"), ("ink", "ground"), ("ink", "sunk"), ("ink", "accent-soft"), ("ink", "alarm-soft"),
    ("muted", "paper"), ("muted", "ground"), ("accent", "paper"), ("accent", "ground"), ("on-accent", "accent"),
    ("on-band", "band"), ("on-band-quiet", "band"), ("alarm", "paper"), ("alarm", "ground"), ("alarm", "alarm-soft"),
    ("paper", "alarm"), ("map-label", "map-land"), ("map-label-water", "map-halo"),
]  # fmt: skip


def tokens_of_the_sheet() -> tuple[dict[str, str], dict[str, str]]:
    _, light, dark = (
        dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", part)) for part in TOKENS.read_text().split(":root {")
    )
    return light, light | dark


@pytest.mark.parametrize(("color", "ground", "ratio"), [
    ("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0),
    ("#123456", "#123456", 1.0),
])  # fmt: skip
def test_contrast_is_what_wcag_measures(color: str, ground: str, ratio: float) -> None:
    assert contrast(color, ground) == pytest.approx(ratio, abs=0.005)
    assert contrast(ground, color) == contrast(color, ground)


@pytest.mark.parametrize("pair", READ_ON, ids=" on ".join)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(scheme: int, pair: tuple[str, str]) -> None:
    tokens = tokens_of_the_sheet()[scheme]
    assert contrast(tokens[pair[0]], tokens[pair[1]]) >= READABLE


def test_the_paper_that_a_colour_is_measured_on_is_the_one_of_the_style_sheet() -> None:
    light, dark = tokens_of_the_sheet()
    assert (light["paper"], dark["paper"]) == (PAPER, DARK_PAPER)


def test_what_is_drawn_for_paper_and_files_has_the_colours_of_the_pages() -> None:
    light, _ = tokens_of_the_sheet()
    said = {name.lower().replace("_", "-"): value for name, value in vars(palette).items() if name.isupper()}
    lists = {"series": ("chart", said.pop("series")), "steps": ("map-step", said.pop("steps"))}
    for token, colors in lists.values():
        assert [light[f"{token}-{at}"] for at in range(1, len(colors) + 1)] == list(colors)
    wrong = {name: color for name, color in said.items() if color not in (light.get(name), light.get(f"map-{name}"))}
    assert wrong == {}


@pytest.mark.parametrize("accent", ["#0b6158", "#8a1538", "#1f3a93", "#5b2a86", "#000000", "#6b4f00"])
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_a_citys_colour_can_be_read_wherever_it_is_used(scheme: int, accent: str) -> None:
    own = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", city_tokens(accent)[scheme]))
    tokens = tokens_of_the_sheet()[scheme] | own
    pairs = [pair for pair in READ_ON if set(pair) & set(own)]
    unreadable = [pair for pair in pairs if contrast(tokens[pair[0]], tokens[pair[1]]) < READABLE]
    assert unreadable == []


def test_a_colour_that_white_cannot_be_read_on_is_refused_with_one_that_can_be_used() -> None:
    with pytest.raises(InvalidInput, match=r"its contrast is 1\.2") as refused:
        city_tokens("#ffee00")
    better = str(refused.value.params["better"])
    assert city_tokens(better)[0]
    assert contrast(mixed(better, "#ffee00", 0.05), PAPER) < READABLE


@pytest.mark.parametrize("accent", ["green", "#0b6", "#0b6158;}body{display:none", "url(x)"])
def test_nothing_but_a_colour_gets_into_the_style_sheet(tmp_path: Path, accent: str) -> None:
    with pytest.raises(InvalidInput, match="GEOCOMMONS_ACCENT"):
        create_app(Settings(data_dir=tmp_path, accent=accent))


def test_the_citys_colour_is_served_with_the_colours_of_the_layers(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, accent="#8a1538")
    make_register(settings.database)
    app = create_app(settings)
    sheet = TestClient(app).get("/layers.css").text
    assert "--accent:#8a1538" in sheet
    assert ".layer-gardens{--layer:" in sheet
    app.state.store.close()
