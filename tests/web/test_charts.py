"""Charts on a page: one drawing for its width, letters that can be read, a table behind, and white paper in print."""

import pytest
from playwright.sync_api import expect

from tests.web.conftest import NewPage, SignIn

LETTERS = """
() => [...document.querySelectorAll(".chart-drawing")].filter((svg) => svg.getBoundingClientRect().width)
  .flatMap((svg) => {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    return [...svg.querySelectorAll("text")].map((text) => parseFloat(getComputedStyle(text).fontSize) * scale);
  })
"""


@pytest.mark.parametrize("width", [390, 1440])
def test_each_chart_shows_one_drawing_with_letters_that_can_be_read(
    new_page: NewPage, sign_in: SignIn, width: int
) -> None:
    page = new_page(width=width, height=844)
    sign_in(page, "planner")
    page.goto("/design")
    charts = page.locator(".scheme-light .chart")
    assert charts.count() == 9
    for chart in charts.all():
        assert sum(part.is_visible() for part in chart.locator(".chart-drawing").all()) == 1
    sizes = page.evaluate(LETTERS)
    assert min(sizes) >= 10.5 and max(sizes) <= 18


def test_the_table_behind_a_chart_opens_without_a_program(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_page(java_script_enabled=False, width=390)
    sign_in(page, "planner")
    page.goto("/design")
    chart = page.locator(".scheme-light .chart").first
    expect(chart.get_by_role("table")).to_be_hidden()
    chart.locator("summary").click()
    expect(chart.get_by_role("row", name="Harbour 38%")).to_be_visible()


def test_paper_is_white_whatever_the_screen_is(new_page: NewPage) -> None:
    page = new_page("/about/privacy", color_scheme="dark")
    read = "getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()"
    assert page.evaluate(read) != "#ffffff"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(read) in ("#fff", "#ffffff")
