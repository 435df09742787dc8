"""What the map says in words before anybody asks, and where the reader is on it."""

import re

from playwright.sync_api import expect

from tests.web.conftest import WHOLE, NewPage, wait_for_map

NEAR = {"latitude": 52.001, "longitude": 5.001}
FAR = {"latitude": 53.2, "longitude": 6.5}
PHONE = {"width": 390, "height": 844}


def test_the_map_says_how_much_is_free_and_shows_only_that(new_page: NewPage) -> None:
    page = new_page(f"/{WHOLE}", **PHONE)
    wait_for_map(page)
    expect(page.locator("#telling")).to_contain_text("14 of 18 places are looking for a steward")
    page.get_by_role("button", name="Show only these").click()
    expect(page).to_have_url(re.compile("status=available"))
    expect(page.locator("#statuses").get_by_label("Cared for")).not_to_be_checked()
    page.get_by_role("button", name="Show all places").click()
    expect(page).not_to_have_url(re.compile("status="))


def test_what_is_free_is_of_the_layers_that_are_shown_and_of_the_day(new_page: NewPage) -> None:
    page = new_page("/?layers=gardens&at=2023-06-01")
    expect(page.locator("#telling")).to_contain_text("3 of 3 places looking for a steward, on 1 June 2023")


def test_a_phone_reads_what_an_analysis_found_and_its_legend_over_the_map(new_page: NewPage) -> None:
    page = new_page(f"/?overlay=coverage{WHOLE}", **PHONE)
    told = page.locator("#telling")
    expect(told).to_contain_text("of 2,400 people live within")
    expect(told).to_contain_text("out of reach")
    expect(told.get_by_role("button")).to_have_count(0)


def test_near_me_goes_to_where_the_reader_is(new_page: NewPage) -> None:
    page = new_page("/", geolocation=NEAR, permissions=["geolocation"])
    wait_for_map(page)
    page.get_by_role("button", name="Near me").click()
    expect(page).to_have_url(re.compile(r"#16/52\.0010\d*/5\.00(10|099)"))
    expect(page.locator(".drawn-point")).to_have_count(1)


def test_near_me_says_that_the_reader_is_elsewhere_and_stays(new_page: NewPage) -> None:
    page = new_page(f"/{WHOLE}", geolocation=FAR, permissions=["geolocation"])
    wait_for_map(page)
    page.get_by_role("button", name="Near me").click()
    expect(page.get_by_text("You are outside the area of this map.")).to_be_visible()
    expect(page).to_have_url(re.compile("#16/52.0025"))


def test_near_me_says_that_a_device_keeps_it_to_itself(new_page: NewPage) -> None:
    page = new_page(f"/{WHOLE}", permissions=[])
    wait_for_map(page)
    page.get_by_role("button", name="Near me").click()
    expect(page.get_by_text("Your device did not say where you are.")).to_be_visible()
