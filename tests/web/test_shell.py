"""What is around every page: header, menu, notices, the pages about the register, the offline page."""

import pytest
from playwright.sync_api import Browser, expect
from starlette.responses import Response

from api.notice import COOKIE as NOTICE
from api.notice import leave_notice
from geocommons.settings import Settings
from tests.web.conftest import ROSE, NewPage, SignIn, wait_for_map
from tests.web.test_pages import violations

ABOUT = ["/about/privacy", "/about/imprint", "/about/accessibility", "/permissions", "/offline/en"]
OWN = [
    "/account", "/account/public", "/account/mail", "/account/sessions", "/account/passkeys", "/account/tokens",
    "/account/data", "/people", "/parties", "/mail", "/audit",
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_everybody_can_use_the_pages_about_the_register(new_page: NewPage, width: int, scheme: str) -> None:
    page = new_page(width=width, height=844, color_scheme=scheme)
    for path in ABOUT:
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("width", [390, 1440])
def test_everybody_can_use_every_component_light_and_dark(new_page: NewPage, sign_in: SignIn, width: int) -> None:
    page = new_page(width=width, height=844)
    sign_in(page, "staff")
    page.goto("/design")
    expect(page.get_by_role("heading", level=1)).to_have_text("Design")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages_of_an_account_and_of_those_who_keep_it(
    new_page: NewPage, sign_in: SignIn, scheme: str
) -> None:
    page = new_page(width=390, height=844, color_scheme=scheme)
    sign_in(page, "administrator")
    for path in OWN:
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_the_two_schemes_of_the_design_page_differ_whatever_the_device_prefers(
    new_page: NewPage, sign_in: SignIn
) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        sign_in(page, "planner")
        page.goto("/design")
        read = "one => getComputedStyle(one).backgroundColor"
        grounds.append([page.locator(f".scheme-{one}").evaluate(read) for one in ("light", "dark")])
    assert grounds[0] == grounds[1]
    assert grounds[0][0] != grounds[0][1]


def test_keys_alone_open_the_menu_walk_it_and_close_it(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_page()
    sign_in(page, "administrator")
    page.goto("/list")
    menu = page.locator("details.account")
    for _ in range(20):
        page.keyboard.press("Tab")
        if menu.locator("summary").evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="My account")).to_be_visible()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="My account")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="My account")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="My account")).to_be_hidden()


def test_the_menu_works_without_javascript_and_signs_out(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_page(width=390, height=844, java_script_enabled=False)
    sign_in(page, "resident")
    page.goto("/list")
    page.locator("details.account summary").click()
    expect(page.get_by_role("link", name="People and roles")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_everybody_can_use_the_open_menu_over_the_map(
    new_page: NewPage, sign_in: SignIn, width: int, scheme: str
) -> None:
    page = new_page(width=width, height=844, color_scheme=scheme)
    sign_in(page, "administrator")
    page.goto(f"/{ROSE}")
    wait_for_map(page)
    page.locator("details.account summary").click()
    out = page.get_by_role("button", name="Sign out")
    expect(out).to_be_visible()
    box = out.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    on_top = "(one, [x, y]) => one.contains(document.elementFromPoint(x, y))"
    assert out.evaluate(on_top, [box["x"] + 9, box["y"] + 9])
    assert violations(page) == []


def test_who_is_not_signed_in_is_led_to_sign_in_and_told_why(new_page: NewPage) -> None:
    page = new_page("/design")
    assert page.url.endswith("/sign-in?goal=/design")
    expect(page.get_by_text("Sign in to do this, as")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Sign in to do this, as")).to_have_count(0)


def test_a_notice_is_text_and_is_said_once(new_page: NewPage, served: Settings, address: str) -> None:
    answer = Response()
    leave_notice(answer, served, "There is nothing at this address.{name}", name="<img src=x onerror=alert(1)>")
    value = answer.headers["set-cookie"].partition("=")[2].partition(";")[0].strip('"')
    page = new_page()
    page.context.add_cookies([{"name": NOTICE, "value": value, "url": address}])
    page.goto("/list")
    expect(page.get_by_role("status").first).to_contain_text("<img src=x onerror=alert(1)>")
    page.reload()
    expect(page.get_by_text("onerror")).to_have_count(0)


def test_a_notice_that_somebody_else_wrote_is_not_said(new_page: NewPage, address: str) -> None:
    answer = Response()
    leave_notice(answer, Settings(secret_key="another secret of another register"), "You are rich.")  # type: ignore[arg-type]
    value = answer.headers["set-cookie"].partition("=")[2].partition(";")[0].strip('"')
    page = new_page()
    for one in (value, value.split(".")[0], "a.b", "é.é"):
        page.context.add_cookies([{"name": NOTICE, "value": one, "url": address}])
        page.goto("/list")
        expect(page.get_by_text("You are rich.")).to_have_count(0)


def test_a_browser_without_a_connection_says_so_in_the_readers_language(browser: Browser, address: str) -> None:
    # A context of its own: a browser that is offline logs that as an error.
    with browser.new_context(base_url=address, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto("/list?lang=nl")
        page.wait_for_function("navigator.serviceWorker.ready.then(ready => ready.active.state === 'activated')")
        page.wait_for_function("caches.match('/offline/chosen').then(found => found !== undefined)")
        context.set_offline(True)
        page.goto("/about/privacy")
        expect(page.get_by_role("heading", level=1)).to_have_text("U bent offline")
        assert page.evaluate("getComputedStyle(document.querySelector('.bar')).display") == "flex"
        context.set_offline(False)
        page.get_by_role("link", name="Opnieuw proberen").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Privacy")


def test_no_page_of_anybodys_own_is_kept_for_offline(new_page: NewPage, sign_in: SignIn) -> None:
    page = new_page()
    sign_in(page, "resident")
    page.goto("/list")
    page.wait_for_function("caches.match('/offline/chosen').then(found => found !== undefined)")
    page.goto("/account/data")
    page.goto("/list")
    kept = page.evaluate(
        """async () => { const found = []
        for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys())
          found.push([new URL(one.url).pathname, await (await caches.match(one)).text()])
        return found }"""
    )
    assert {path for path, _ in kept} == {
        "/offline/en", "/offline/nl", "/offline/chosen", "/static/main.css", "/layers.css",
    }  # fmt: skip
    assert not any("example.org" in text for _, text in kept)


TOO_SMALL = """() => [...document.querySelectorAll('a, button, input, select, summary, textarea')].filter(one => {
  const box = one.getBoundingClientRect();
  const label = one.closest('label') ?? document.querySelector(`label[for="${one.id}"]`);
  const pressed = ['checkbox', 'radio'].includes(one.type) && label ? label.getBoundingClientRect() : box;
  const inText = one.tagName === 'A' && getComputedStyle(one).display === 'inline';
  return box.width && !inText && !one.matches('.unseen, .skip') && pressed.height < 43.5
}).map(one => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 30)}`)"""


@pytest.mark.parametrize("path", ["/", "/list", "/sites/1", "/analyses/coverage", "/account/tokens", "/audit"])
def test_what_a_finger_presses_is_as_high_as_a_finger(new_page: NewPage, sign_in: SignIn, path: str) -> None:
    page = new_page(width=390, height=844, has_touch=True, is_mobile=True)
    sign_in(page, "administrator")
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(TOO_SMALL) == []


def test_a_long_address_that_was_typed_fits_a_phone_where_its_code_is_asked(new_page: NewPage) -> None:
    page = new_page("/sign-in", width=390, height=844)
    page.get_by_label("E-mail address").fill("somebody@allotmentgardensocietyofriversideandtheolddocks.example.org")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_label("Code")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
