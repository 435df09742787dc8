"""The map in a real browser: what a person sees, clicks and hears."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import ROSE, WHOLE, NewPage, click_middle, wait_for_map

PAINTED = """() => [...document.querySelectorAll('.leaflet-sites-pane canvas')].some(canvas =>
  canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(value => value > 0))"""


def test_the_map_draws_sites(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}")
    wait_for_map(page)
    page.wait_for_function(PAINTED)


def test_a_click_on_a_site_tells_who_looks_after_it_since_when_and_under_what(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}")
    wait_for_map(page)
    click_middle(page)
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="Rose Garden")).to_be_visible()
    expect(panel).to_contain_text("Cared for")
    expect(panel).to_contain_text("Rose Group")
    expect(panel).to_contain_text("since 1 January 2024, until further notice")
    expect(panel).to_contain_text("record AGR-1")
    expect(panel).to_contain_text("of 10")
    expect(page).to_have_url(re.compile(r"site=\d+"))


def test_another_day_shows_what_was_then(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}")
    wait_for_map(page)
    click_middle(page)
    expect(page.locator("#panel")).to_contain_text("Rose Group")
    page.get_by_label("As of", exact=True).fill("2023-06-01")
    expect(page.locator("#panel .status")).to_contain_text("Looking for a steward")
    expect(page.locator("#panel .status")).to_contain_text("1 June 2023")
    expect(page).to_have_url(re.compile("at=2023-06-01"))
    expect(page.locator("#said")).to_contain_text("1 June 2023")
    page.get_by_role("button", name="Today").click()
    expect(page.locator("#panel .status")).to_contain_text("Cared for")


def test_the_address_brings_back_the_same_view(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}")
    wait_for_map(page)
    click_middle(page)
    expect(page.locator("#panel")).to_contain_text("Rose Group")
    shared = page.url
    other = new_page(shared)
    expect(other.locator("#panel")).to_contain_text("Rose Group")
    assert re.search(r"#\d+/52\.\d+/5\.\d+", other.url)


def test_back_closes_what_a_click_opened(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}")
    wait_for_map(page)
    click_middle(page)
    expect(page.locator("#panel")).to_contain_text("Rose Group")
    page.go_back()
    expect(page.locator("#panel")).to_be_hidden()


def test_a_layer_that_is_switched_off_is_gone_from_map_and_list(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}")
    wait_for_map(page)
    page.get_by_label("Gardens").uncheck()
    expect(page).to_have_url(re.compile("layers=(?!.*gardens)"))
    click_middle(page)
    expect(page.locator("#panel")).to_be_hidden()
    page.get_by_role("button", name="List of this view").click()
    expect(page.locator("#view-list")).not_to_contain_text("Rose Garden")


def test_a_layer_that_is_switched_off_is_gone_before_new_tiles_are_there(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}")
    wait_for_map(page)
    page.route("**/ogc/tiles/**", lambda _: None)
    page.get_by_label("Gardens").uncheck()
    click_middle(page)
    expect(page.locator("#panel")).to_be_hidden()
    assert "site=" not in page.url


def test_a_status_that_is_switched_off_is_gone(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}")
    wait_for_map(page)
    page.locator("#statuses").get_by_label("Cared for").uncheck()
    click_middle(page)
    expect(page.locator("#panel")).to_be_hidden()


def test_the_legend_counts_each_layer_and_status(new_page: NewPage) -> None:
    page = new_page("/")
    expect(page.locator("[data-layer=gardens] [data-count]")).to_have_text("3")
    expect(page.locator("[data-layer=clt-parcels] [data-count]")).to_have_text("8")
    expect(page.locator("[data-status=cared_for] [data-count]")).to_have_text("4")


def test_search_finds_a_site_by_keyboard(new_page: NewPage) -> None:
    page = new_page("/")
    wait_for_map(page)
    page.get_by_role("combobox").fill("rose")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("Rose Group")


def test_search_for_what_a_layer_is_called_shows_only_that_layer(new_page: NewPage) -> None:
    page = new_page("/")
    wait_for_map(page)
    page.get_by_role("combobox").fill("drain")
    page.get_by_role("option", name="Storm drains").click()
    expect(page).to_have_url(re.compile(r"layers=storm-drains(&|#|$)"))
    expect(page.get_by_label("Gardens")).not_to_be_checked()
    expect(page.locator("#telling")).to_contain_text("of 6 places are looking for a steward")


def test_keys_alone_lead_from_the_top_to_a_site_and_back(new_page: NewPage) -> None:
    page = new_page(f"/{WHOLE}")
    wait_for_map(page)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#open-list")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#view-list")).to_be_focused()
    row = page.locator("#view-list a", has_text="Rose Garden")
    row.wait_for()
    for _ in range(60):
        page.keyboard.press("Tab")
        if row.evaluate("row => row === document.activeElement"):
            break
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_focused()
    expect(page.locator("#panel")).to_contain_text("Rose Group")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(row).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#open-list")).to_be_focused()


def test_gaps_are_drawn_and_listed_and_lead_to_their_place(new_page: NewPage) -> None:
    page = new_page(f"/?overlay=gaps{WHOLE}")
    wait_for_map(page)
    before = page.url
    page.locator("#overlays ol button").first.click()
    page.wait_for_function("before => location.href !== before", arg=before)
    expect(page.locator("#overlays")).to_contain_text("5 minutes’ walk")


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        ("coverage", ["within reach", "out of reach", "not assessed"]),
        ("gaps", ["Gaps"]),
        ("rivers", ["Free stretches"]),
    ],
)
def test_what_an_analysis_draws_is_explained_beside_its_figures(
    new_page: NewPage, overlay: str, words: list[str]
) -> None:
    page = new_page(f"/?overlay={overlay}{WHOLE}")
    rows = page.locator("#overlays .key li")
    expect(rows).to_have_text(words)
    expect(rows.locator("svg")).to_have_count(len(words))


def test_a_name_is_text_and_never_a_program(new_page: NewPage) -> None:
    page = new_page("/#18/52.00050/5.00650")
    wait_for_map(page)
    page.mouse.move(700, 300)
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".tip")).to_contain_text("<b>Odd</b> & Sons")
    click_middle(page)
    expect(page.locator("#panel .site-title")).to_have_text("<b>Odd</b> & Sons")
    page.get_by_role("combobox").fill("odd")
    expect(page.get_by_role("option")).to_contain_text("<b>Odd</b> & Sons")


def test_a_phone_shows_map_sheets_and_no_sideways_scroll(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}", width=390, height=844, has_touch=True, is_mobile=True)
    wait_for_map(page)
    assert not _scrolls_sideways(page)
    page.get_by_role("button", name="Layers", exact=True).click()
    expect(page.locator("#side")).to_be_visible()
    expect(page.get_by_label("Gardens")).to_be_visible()
    page.locator("#side").get_by_role("button", name="Close").click()
    expect(page.locator("#side")).to_be_hidden()
    box = page.locator("#map").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#panel")).to_contain_text("Rose Group")
    sheet = page.locator("#panel").bounding_box()
    assert sheet
    assert sheet["y"] > 250
    assert sheet["width"] == 390


@pytest.mark.parametrize("width", [360, 390])
@pytest.mark.parametrize("language", ["en-GB", "nl-NL"])
def test_on_a_phone_everything_about_another_day_is_within_its_bar(
    new_page: NewPage, width: int, language: str
) -> None:
    page = new_page(f"/?at=2023-06-01{ROSE}", width=width, height=844, locale=language)
    wait_for_map(page)
    bar = page.locator("#day").bounding_box()
    assert bar and bar["x"] >= 0 and bar["x"] + bar["width"] <= width
    for part in page.locator("#day > :visible").all():
        box = part.bounding_box()
        assert box and bar["x"] <= box["x"] and box["x"] + box["width"] <= bar["x"] + bar["width"]


def test_the_map_speaks_dutch(new_page: NewPage) -> None:
    page = new_page(f"/?lang=nl{ROSE}")
    wait_for_map(page)
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    click_middle(page)
    expect(page.locator("#panel")).to_contain_text("Wie ervoor zorgt")
    expect(page.locator("#panel")).to_contain_text("sinds 1 januari 2024, tot nader order")
    expect(page.get_by_role("button", name="Inzoomen")).to_be_visible()
    page.locator("[data-language=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#panel")).to_contain_text("Rose Group")


def test_far_away_sites_are_counted(new_page: NewPage) -> None:
    page = new_page("/?layers=clt-parcels#12/52.0078/5.0050")
    wait_for_map(page)
    click_middle(page)
    expect(page).to_have_url(re.compile(r"#14/"))


def _scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_who_cannot_pinch_zooms_by_buttons_on_a_phone(new_page: NewPage) -> None:
    page = new_page(f"/{ROSE}", width=390, height=844, has_touch=True, is_mobile=True)
    wait_for_map(page)
    scale = page.locator(".leaflet-control-scale-line")
    before = scale.text_content()
    out = page.get_by_role("button", name="Zoom out")
    box = out.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    out.tap()
    expect(scale).not_to_have_text(str(before))
