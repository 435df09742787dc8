"""What holds for every chart: it is well-formed, safe, always the same, and no words meet, on a phone as on a desk."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser

from geocommons.files.charts.chart import NARROW, WIDE, Chart
from geocommons.files.charts.sheet import PAINTS
from tests.files.charts.make import LONG, every_chart

SVG = "{http://www.w3.org/2000/svg}"
KINDS = ("bars", "shares", "histogram", "distance", "lorenz", "survival", "months", "network", "scatter")
MEASURE = """
() => {
  const svg = document.querySelector("svg"), whole = svg.getBoundingClientRect();
  const rooms = [...svg.querySelectorAll("text")].map((text) => {
    const box = text.getBoundingClientRect();
    return { words: text.textContent, left: box.left, right: box.right, top: box.top + 2.5, bottom: box.bottom - 2.5 };
  });
  const out = rooms.filter((one) => one.left < whole.left - 1 || one.right > whole.right + 1
    || one.top < whole.top - 1 || one.bottom > whole.bottom + 1);
  const met = rooms.flatMap((one, at) => rooms.slice(at + 1)
    .filter((two) => one.left < two.right - 0.5 && two.left < one.right - 0.5)
    .filter((two) => one.top < two.bottom && two.top < one.bottom)
    .map((two) => `${one.words} / ${two.words}`));
  return { count: rooms.length, out: out.map((one) => one.words), met };
}
"""


@pytest.fixture(params=KINDS)
def drawn(request: pytest.FixtureRequest) -> Chart:
    """A chart of each kind."""
    return every_chart()[request.param]


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_chart_is_well_formed_and_names_itself(drawn: Chart, width: float) -> None:
    root = ElementTree.fromstring(drawn.drawn(width))
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert root[0].text == drawn.title and root[1].text == LONG


def test_a_chart_holds_no_script_and_no_style_of_its_own(drawn: Chart) -> None:
    assert not re.search(r"<script|<style|style=|\son\w+=|href", drawn.wide)


def test_a_chart_is_drawn_the_same_every_time(drawn: Chart) -> None:
    assert drawn.wide == drawn.wide and drawn.svg != drawn.wide
    every_chart.cache_clear()
    assert drawn in every_chart().values()
    assert drawn.wide in [again.wide for again in every_chart().values()]


def test_a_chart_has_its_figures_as_a_table(drawn: Chart) -> None:
    assert drawn.rows
    assert all(len(row) == len(drawn.columns) for row in drawn.rows)


def test_every_role_of_a_drawing_has_a_rule_in_the_style_sheet() -> None:
    style = (Path(__file__).parents[3] / "api/web/src/style/chart.css").read_text("utf-8")
    for role in PAINTS:
        assert re.search(rf"\.chart-{role}\b(?!-)", style), role


@pytest.mark.parametrize("font", ["DejaVu Sans", "Liberation Sans"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_no_words_meet_and_none_leave_the_sheet(browser: Browser, drawn: Chart, width: float, font: str) -> None:
    page = browser.new_page(viewport={"width": int(width) + 40, "height": 900})
    svg = drawn.drawn(width).replace("Atkinson Hyperlegible Next, DejaVu Sans", font)
    page.set_content(f'<body style="margin:20px"><div style="width:{width}px">{svg}</div>')
    found = page.evaluate(MEASURE)
    page.close()
    assert found["count"] > 3
    assert found["out"] == [] and found["met"] == []
