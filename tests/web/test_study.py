"""The page of an analysis in a real browser: figure, map and table at once, two runs side by side, a run under way."""

import re

import pytest
from playwright.sync_api import Page, expect

from geocommons.settings import Settings
from geocommons.store.engine import open_store
from tests.make import ask
from tests.web.conftest import NewPage, SignIn
from tests.web.test_pages import AN_ANALYSIS_MS, violations

PAINTED = """(id) => [...document.querySelectorAll(`#${id} .leaflet-findings-pane canvas`)].some(canvas =>
  canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(value => value > 0))"""
SIGNS = """(id) => { const canvas = document.querySelector(`#${id} canvas.signs`);
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0; for (let at = 3; at < pixels.length; at += 4) sum += pixels[at]; return sum }"""
SCALE = ".leaflet-control-scale-line"


@pytest.fixture(scope="session")
def two_runs(served: Settings) -> tuple[int, int]:
    """The numbers of two published coverages, of 10 and of 3 minutes."""
    store = open_store(served.database)
    runs = tuple(ask(store, served, "coverage", supply=["gardens"], minutes=minutes).id for minutes in (10, 3))
    store.close()
    return runs[0], runs[1]


def wait_for_run_map(page: Page, name: str = "run-map-1") -> None:
    """Wait until the map of a run has painted what was found."""
    page.wait_for_function(PAINTED, arg=name)
    page.wait_for_selector(f"#{name}:not([data-busy])")


def test_a_planner_sees_the_figure_the_map_and_the_table_at_once(new_page: NewPage, two_runs: tuple[int, int]) -> None:
    page = new_page(f"/analyses/coverage?run={two_runs[0]}", width=1440, height=900)
    wait_for_run_map(page)
    for part in (".lead", ".headline-figures", "#run-map-1", ".first-table tbody tr >> nth=1", ".map-legend"):
        box = page.locator(part).first.bounding_box()
        assert box is not None, part
        assert box["y"] + box["height"] <= 900, part


def test_a_row_and_its_place_point_at_each_other(new_page: NewPage, two_runs: tuple[int, int]) -> None:
    page = new_page(f"/analyses/coverage?run={two_runs[0]}", width=1440, height=900)
    wait_for_run_map(page)
    row = page.locator("tr[data-key=West]").first
    before = page.evaluate(SIGNS, "run-map-1")
    row.get_by_role("link").focus()
    page.wait_for_function(f"(before) => ({SIGNS})('run-map-1') > before + 9999", arg=before)
    expect(row).to_have_class(re.compile("lit"))
    page.locator("h1").hover()
    page.get_by_role("link", name="Analyses").first.focus()
    expect(row).not_to_have_class(re.compile("lit"))
    box = page.locator("#run-map-1").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.42, box["y"] + box["height"] * 0.5)
    expect(row).to_have_class(re.compile("lit"))
    expect(page.locator(".tip")).to_contain_text("Share of people within reach")


def test_a_row_leads_to_its_place_on_the_map_beside_it(new_page: NewPage, two_runs: tuple[int, int]) -> None:
    page = new_page(f"/analyses/coverage?run={two_runs[0]}", width=1440, height=900)
    wait_for_run_map(page)
    address = page.url
    page.locator("tr[data-key=East]").first.get_by_role("link").press("Enter")
    expect(page.locator("#said")).to_have_text("The map shows East.")
    assert page.url == address


def test_a_reader_chooses_how_classes_are_made(new_page: NewPage, two_runs: tuple[int, int]) -> None:
    page = new_page(f"/analyses/coverage?run={two_runs[0]}", java_script_enabled=False)
    page.get_by_text("How the classes are made").click()
    page.get_by_label("Classes", exact=True).select_option("equal_interval")
    page.get_by_label("How many at most").select_option("4")
    page.get_by_role("button", name="Draw again").click()
    expect(page).to_have_url(re.compile(r"scheme=equal_interval&k=4"))
    expect(page.locator(".map-legend [data-legend-of=districts-share] li")).to_have_count(4)
    expect(page.get_by_label("How many at most")).to_have_value("4")


def test_another_layer_brings_its_own_legend(new_page: NewPage, two_runs: tuple[int, int]) -> None:
    page = new_page(f"/analyses/coverage?run={two_runs[0]}", width=1440, height=900)
    wait_for_run_map(page)
    expect(page.locator("[data-legend-of=demand-state]")).to_be_hidden()
    page.get_by_text("People and their nearest site").first.click()
    expect(page.locator("[data-legend-of=demand-state]")).to_be_visible()
    expect(page.locator("[data-legend-of=districts-share]")).to_be_hidden()
    wait_for_run_map(page)


@pytest.mark.parametrize("kind", ["gaps", "rivers"])
def test_what_other_kinds_found_is_drawn_too(new_page: NewPage, kind: str) -> None:
    page = new_page(f"/analyses/{kind}")
    wait_for_run_map(page)


def test_a_page_without_javascript_says_so_and_has_every_figure(new_page: NewPage, two_runs: tuple[int, int]) -> None:
    page = new_page(f"/analyses/coverage?run={two_runs[0]}", java_script_enabled=False)
    expect(page.locator("noscript .note")).to_contain_text("The tables have the same figures and work without it.")
    expect(page.locator("#run-map-1")).to_be_hidden()
    expect(page.locator(".chart").first).to_be_visible()
    page.get_by_role("link", name="West").first.click()
    expect(page).to_have_url(re.compile("#box="))


def test_two_runs_stand_side_by_side_and_their_maps_move_together(new_page: NewPage, two_runs: tuple[int, int]) -> None:
    page = new_page(f"/analyses/coverage?run={two_runs[0]}", width=1440, height=900)
    page.get_by_label("Another run").select_option(str(two_runs[1]))
    page.get_by_role("button", name="Put side by side").click()
    expect(page.get_by_role("region", name="What was asked differently")).to_contain_text("Minutes of walking")
    expect(page.get_by_role("region", name="By district: Within reach")).to_contain_text("points")
    for name in ("run-map-1", "run-map-2"):
        wait_for_run_map(page, name)
    before = page.locator(SCALE).nth(1).text_content()
    page.get_by_role("button", name="Zoom in").first.click()
    expect(page.locator(SCALE).nth(1)).not_to_have_text(str(before))
    expect(page.locator(SCALE).nth(0)).to_have_text(str(page.locator(SCALE).nth(1).text_content()))


def test_a_run_that_goes_on_shows_its_answer_by_itself(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_page()
    sign_in(page, "planner")
    page.goto("/analyses/coverage")
    page.get_by_label("Minutes of walking").fill("6.5")
    page.get_by_role("button", name="Run the analysis").click()
    expect(page.locator(".lead")).to_contain_text("within 6.5 minutes’ walk", timeout=AN_ANALYSIS_MS)


def test_rare_fields_are_folded_away_until_one_is_used(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_page()
    sign_in(page, "planner")
    page.goto("/analyses/coverage")
    straight = page.get_by_label("In a straight line")
    expect(straight).to_be_hidden()
    page.get_by_text("More to choose").click()
    expect(straight).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_everybody_can_use_the_desk_a_run_and_a_comparison(
    new_page: NewPage, sign_in: SignIn, two_runs: tuple[int, int], width: int, scheme: str
) -> None:
    page = new_page(width=width, height=844, color_scheme=scheme)
    sign_in(page, "planner")
    compared = f"/analyses/compare?a={two_runs[0]}&b={two_runs[1]}"
    for path in ("/analyses", f"/analyses/coverage?run={two_runs[0]}", compared):
        page.goto(path)
        if path != "/analyses":
            wait_for_run_map(page)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_address_of_a_long_question_fits_a_phone(new_page: NewPage, sign_in: SignIn, served: Settings) -> None:
    store = open_store(served.database)
    asked = {"supply": ["gardens", "clt-parcels"], "straight": True, "metres": 800, "measured_from": "boundary"}
    run = ask(store, served, "coverage", **asked, cared_for=True, min_area_m2=12.5, weighting="area")
    store.close()
    page = new_page(width=390, height=844)
    sign_in(page, "planner")
    page.goto(f"/analyses/coverage?run={run.id}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_planner_draws_points_where_a_site_might_come(new_page: NewPage, sign_in: SignIn, served: Settings) -> None:
    store = open_store(served.database)
    run = ask(store, served, "siting", supply=["gardens"], points="4.9,52.37")
    store.close()
    page = new_page()
    sign_in(page, "planner")
    page.goto(f"/analyses/siting?run={run.id}")
    wait_for_run_map(page)
    field = page.get_by_label("And at these points")
    before = field.input_value()
    page.locator("#run-map-1").click(position={"x": 150, "y": 120})
    expect(field).to_have_value(before)
    page.get_by_label("Draw points where a site might come").check()
    page.locator("#run-map-1").click(position={"x": 150, "y": 120})
    expect(field).to_have_value(re.compile(r"^4\.9,52\.37; -?\d+\.\d{6},-?\d+\.\d{6}$"))
    expect(page.locator(".drawn-point")).to_have_count(2)


def new_scenario(new_page: NewPage, sign_in: SignIn, name: str) -> Page:
    """Return the page of a scenario that a planner just made."""
    page = new_page()
    sign_in(page, "planner")
    page.goto("/analyses/scenarios")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Make it").click()
    return page


def test_a_planner_chooses_the_place_of_a_new_site_on_a_map_or_types_it(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_scenario(new_page, sign_in, "One more garden")
    page.wait_for_selector("#place-map canvas.leaflet-tile-loaded")
    place = page.get_by_label("Place", exact=True)
    page.locator("#place-map").click(position={"x": 90, "y": 90})
    expect(place).to_have_value(re.compile(r"^\d+\.\d{6}, \d+\.\d{6}$"))
    expect(page.locator(".drawn-point")).to_have_count(1)
    place.fill("somewhere")
    expect(page.locator(".drawn-point")).to_have_count(0)
    place.fill("5.001, 52.001")
    expect(page.locator(".drawn-point")).to_have_count(1)
    page.get_by_label("Number").first.fill("G-99")
    page.get_by_role("button", name="Add").first.click()
    expect(page.locator(".changes")).to_contain_text("G-99")


def test_each_form_of_a_scenario_has_labels_of_its_own(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_scenario(new_page, sign_in, "Labels")
    page.locator("label", has_text="Number").nth(1).click()
    expect(page.locator("form:has(input[value=close]) [name=ref]")).to_be_focused()
    assert violations(page) == []
