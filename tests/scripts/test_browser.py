"""The browser that later tests drive."""

from playwright.sync_api import Browser


def test_the_browser_renders_a_page(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Who stewards what</h1>")
    assert page.get_by_role("heading").inner_text() == "Who stewards what"
    page.close()
