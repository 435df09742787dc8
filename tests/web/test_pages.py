"""The pages beside the map: they work without JavaScript, in two languages, and for everybody."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.conftest import ROSE, NewPage, SignIn, axe_source, click_middle, wait_for_map

AN_ANALYSIS_MS = 90_000
"""The program that answers questions starts with the first of them."""
PAGES = ("/list", "/sites/1", "/analyses/coverage", "/analyses/gaps", "/analyses/rivers", "/nowhere")


def test_the_list_has_what_the_map_has_and_needs_no_javascript(new_page: NewPage) -> None:
    page = new_page("/list", java_script_enabled=False)
    expect(page.locator("tbody tr")).to_have_count(18)
    page.get_by_label("Layer").select_option("gardens")
    page.get_by_label("Status").select_option("cared_for")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Rose Group")
    page.get_by_role("link", name="Rose Garden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rose Garden")
    expect(page.locator("main")).to_contain_text("since 1 January 2024")


def test_the_list_of_an_earlier_day_says_what_was_then(new_page: NewPage) -> None:
    page = new_page("/list?layer=gardens&at=2023-06-01", java_script_enabled=False)
    expect(page.locator("tbody")).not_to_contain_text("Rose Group")
    expect(page.locator(".tally")).to_contain_text("1 June 2023")


def test_the_list_leads_to_its_places_on_the_map(new_page: NewPage) -> None:
    page = new_page("/list?layer=gardens")
    page.get_by_role("link", name="Show on the map").first.click()
    wait_for_map(page)
    expect(page.get_by_label("Gardens")).to_be_checked()
    expect(page.get_by_label("Storm drains")).not_to_be_checked()


def test_a_household_that_did_not_agree_is_not_named(new_page: NewPage) -> None:
    page = new_page("/list?layer=clt-parcels", java_script_enabled=False)
    expect(page.locator("tbody")).to_contain_text("Household De Boer")
    expect(page.locator("tbody")).to_contain_text("A household")
    expect(page.locator("tbody")).not_to_contain_text("Jansen")


def test_a_river_shows_which_stretch_is_held(new_page: NewPage) -> None:
    page = new_page("/list?layer=rivers", java_script_enabled=False)
    page.get_by_role("link", name="Brook").click()
    expect(page.locator("main")).to_contain_text("from 0 m to 300 m")
    expect(page.locator(".reach-held")).to_have_count(1)


def test_an_analysis_runs_from_its_form_without_javascript(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, "planner")
    page.goto("/analyses/coverage")
    page.get_by_label("Minutes of walking").fill("7.5")
    page.get_by_role("button", name="Run the analysis").click()
    expect(page).to_have_url(re.compile(r"/analyses/coverage\?run=\d+"))
    # The page looks again by itself.
    answer = "2,400 people live within 7.5 minutes’ walk of gardens"
    expect(page.locator(".lead")).to_contain_text(answer, timeout=AN_ANALYSIS_MS)
    expect(page.get_by_role("region", name="By district")).to_contain_text("West")
    expect(page.get_by_role("region", name="By group of people")).to_contain_text("Children")
    expect(page.get_by_role("link", name="GeoPackage").first).to_be_visible()
    expect(page.get_by_text("This is a draft: only planners see it.")).to_be_visible()


def test_rivers_tell_what_is_free(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, "planner")
    page.goto("/analyses/rivers")
    page.get_by_role("button", name="Run the analysis").click()
    expect(page.locator(".lead")).to_contain_text("300 m of 1.1 km of river is looked after", timeout=AN_ANALYSIS_MS)


@pytest.mark.parametrize("path", ["/list", "/sites/1", "/analyses/coverage", "/nowhere"])
def test_pages_speak_dutch_to_who_prefers_it(new_page: NewPage, path: str) -> None:
    page = new_page(locale="nl-NL", java_script_enabled=False)
    page.route("**/nowhere", _without_status)
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.get_by_role("navigation", name="Hoofdmenu")).to_contain_text("Kaart")


def test_a_language_once_chosen_stays(new_page: NewPage) -> None:
    page = new_page("/list?lang=nl", java_script_enabled=False)
    page.goto("/list")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wie zorgt voor wat")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_everybody_can_use_the_page(new_page: NewPage, path: str, scheme: str) -> None:
    page = new_page(color_scheme=scheme)
    page.route("**/nowhere", _without_status)
    page.goto(path)
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_use_the_map(new_page: NewPage, width: int, scheme: str) -> None:
    page = new_page(f"/{ROSE}", width=width, height=844, color_scheme=scheme)
    wait_for_map(page)
    assert violations(page) == []
    page.get_by_role("button", name="List of this view").click()
    page.locator("#view-list a").first.wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    click_middle(page)
    page.locator("#panel article").wait_for()
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical on a page (WCAG 2.2 AA)."""
    page.evaluate(axe_source())
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(tags)}}})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def _without_status(route: Route) -> None:
    """Answer with the page of a refusal, but as a success: the browser logs an error for each 404."""
    route.fulfill(response=route.fetch(), status=200)


def test_a_site_has_a_map_of_its_surroundings_that_leads_to_its_neighbours(new_page: NewPage) -> None:
    page = new_page("/sites/1?at=2025-06-01")
    page.wait_for_selector("#place-map canvas.leaflet-tile-loaded")
    page.wait_for_selector("#place-map:not([data-busy]) .leaflet-overlay-pane path")
    page.get_by_role("button", name="Zoom out").click()
    page.locator("#place-map").focus()
    expect(page.locator("#place-map")).to_be_focused()
    expect(page.get_by_role("link", name="Show on the map")).to_have_attribute("href", "/?site=1&at=2025-06-01")


def test_a_site_without_javascript_has_a_link_to_the_map_in_the_place_of_its_own(new_page: NewPage) -> None:
    page = new_page("/sites/1", java_script_enabled=False)
    expect(page.locator("#place-map")).to_be_hidden()
    page.get_by_role("link", name="Show on the map").click()
    expect(page).to_have_url(re.compile(r"/\?site=1&at="))


@pytest.mark.parametrize(
    ("path", "names"),
    [("/sites/1", ".site-title, .who, .ref, .history p:last-child"), ("/list", "tbody th a, tbody td:last-child")],
)
def test_a_name_as_long_as_two_lines_fits_a_phone(new_page: NewPage, path: str, names: str) -> None:
    page = new_page(path, width=390, height=844)
    written = "(all) => all.forEach(one => { one.textContent = 'Volkstuindersvereniging'.repeat(4) })"
    page.locator(names).evaluate_all(written)
    wide = "[...document.querySelectorAll('html, .scroll')].filter(one => one.scrollWidth > one.clientWidth).length"
    assert page.evaluate(wide) == 0
