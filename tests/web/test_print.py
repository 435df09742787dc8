"""What pages look like on paper: what was found, under the name of the register, and nothing that is pressed."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import ROSE, NewPage, wait_for_map

PAPER_PX = 680
WHITENED = """() => { window.whitened = 0;
  const [canvas, pen] = [HTMLCanvasElement.prototype, CanvasRenderingContext2D.prototype];
  const size = Object.getOwnPropertyDescriptor(canvas, 'width');
  const seen = (one) => { window.whitened += document.contains(one) };
  addEventListener('beforeprint', () => {
    Object.defineProperty(canvas, 'width', {...size, set(value) { seen(this); size.set.call(this, value) }});
    for (const name of ['clearRect', 'reset']) {
      const act = pen[name];
      pen[name] = function (...all) { seen(this.canvas); act.apply(this, all) } } }) }"""
"""Count the canvases that are emptied, while they are printed, in a way that makes them white on paper."""


def on_paper(page: Page) -> Page:
    """Let a page be as it would be printed, on a sheet between its margins."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER_PX, "height": 900})
    return page


@pytest.mark.parametrize("width", [390, 1440])
def test_a_printed_map_has_its_day_its_legend_and_fits_the_sheet(new_page: NewPage, width: int) -> None:
    page = new_page(f"/{ROSE}", width=width, height=844)
    wait_for_map(page)
    on_paper(page)
    expect(page.get_by_role("link", name="Testdorp")).to_be_visible()
    expect(page.get_by_label("As of", exact=True)).to_be_visible()
    expect(page.get_by_text("Looking for a steward", exact=True)).to_be_visible()
    for pressed in ("Near me", "Zoom in", "One month earlier"):
        expect(page.get_by_role("button", name=pressed)).to_be_hidden()
    box, legend = (page.locator(one).bounding_box() for one in ("#map", "#side"))
    assert box is not None
    assert legend is not None
    assert box["x"] + box["width"] <= PAPER_PX
    assert box["height"] > 200
    assert legend["y"] >= box["y"] + box["height"]


def test_a_layer_that_is_off_is_not_in_the_printed_legend(new_page: NewPage) -> None:
    page = new_page(f"/?layers=gardens{ROSE}")
    wait_for_map(page)
    on_paper(page)
    expect(page.locator("#layers").get_by_text("Gardens")).to_be_visible()
    expect(page.locator("#layers").get_by_text("Storm drains")).to_be_hidden()


def test_a_map_that_paper_makes_light_keeps_its_ground(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}", color_scheme="dark")
    wait_for_map(page)
    page.evaluate(WHITENED)
    page.pdf(print_background=True)
    assert page.evaluate("window.whitened") == 0


def test_a_printed_list_has_a_head_and_its_place_among_the_pages(new_page: NewPage) -> None:
    page = on_paper(new_page("/list"))
    expect(page.get_by_role("columnheader", name="Looked after by")).to_be_visible()
    expect(page.get_by_role("link", name="Show on the map")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER_PX
