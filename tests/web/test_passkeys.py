"""Passkeys in a real Chromium, whose virtual authenticator stands in for a phone's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from api.page import STATIC
from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.settings import Settings
from geocommons.store.engine import open_store, utc_now
from geocommons.store.identities import find_account
from geocommons.usecases.people.sessions import start_session
from tests.conftest import PATIENCE_MS, make_register, missing_part
from tests.web.conftest import serving


class Somebody:
    """A browser with a passkey device, at a register that is reached as localhost."""

    def __init__(self, browser: Browser, settings: Settings, address: str, **options: Any) -> None:
        self._settings, self.address = settings, address
        self.context = browser.new_context(base_url=address, **{"locale": "en-GB"} | options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.devtools: CDPSession = self.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        self.device = self.add_device()

    def add_device(self, **changed: Any) -> str:
        """Give the browser a device that checks its owner, and return the device's id."""
        asked = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        made = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": asked | changed})
        return str(made["authenticatorId"])

    def credentials(self) -> list[dict[str, Any]]:
        """Return what the device keeps."""
        kept = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.device})
        return list(kept["credentials"])

    def count(self, uses: int) -> None:
        """Let the device count from another number, as a copy of it would."""
        (one,) = self.credentials()
        self.devtools.send(
            "WebAuthn.removeCredential", {"authenticatorId": self.device, "credentialId": one["credentialId"]}
        )
        self.devtools.send(
            "WebAuthn.addCredential", {"authenticatorId": self.device, "credential": one | {"signCount": uses}}
        )

    def enter(self, role: Role) -> None:
        """Sign in by mail, straight in the store."""
        self.context.clear_cookies()
        store = open_store(self._settings.database)
        with store.writing() as session:
            account = find_account(session, f"{role}@example.org")
            if account is None:
                account = Account(address=f"{role}@example.org", role=role, language="en", created_at=utc_now())
                session.add(account)
                session.flush()
            _, secret = start_session(session, account, way="mail", browser="test", now=utc_now())
        store.close()
        self.context.add_cookies([{"name": "session", "value": secret, "url": self.address}])


@contextmanager
def register(folder: Path, **said: Any) -> Iterator[tuple[Settings, str]]:
    settings = Settings(data_dir=folder, title="Testdorp", **said)
    make_register(settings.database)
    with serving(settings) as served:
        yield settings, served.replace("127.0.0.1", "localhost")


@pytest.fixture
def somebody(browser: Browser, tmp_path: Path) -> Iterator[Somebody]:
    """Somebody in front of an empty register."""
    if not (STATIC / "main.js").exists():
        missing_part("the browser code is not built (make static)")
    with register(tmp_path) as (settings, address):
        person = Somebody(browser, settings, address)
        yield person
        person.context.close()
    assert person.complaints == []


def add(somebody: Somebody, name: str = "My laptop") -> None:
    somebody.page.goto("/account/passkeys")
    somebody.page.get_by_label("Name").fill(name)
    somebody.page.get_by_role("button", name="Add a passkey").click()
    somebody.page.get_by_role("rowheader", name=name).wait_for()


def sign_in(somebody: Somebody) -> None:
    somebody.context.clear_cookies()
    somebody.page.goto("/sign-in/passkey?goal=/list")
    somebody.page.get_by_role("button", name="Sign in with a passkey").click()


def said(somebody: Somebody) -> str:
    """Return what the page says went wrong."""
    place = somebody.page.locator("[data-passkey-said]:visible, [role=alert]:visible").first
    place.wait_for()
    return place.inner_text()


def test_a_passkey_is_added_and_signs_in_and_is_removed(somebody: Somebody) -> None:
    somebody.enter("staff")
    add(somebody)
    (kept,) = somebody.credentials()
    assert kept["isResidentCredential"]
    assert kept["rpId"] == "localhost"
    sign_in(somebody)
    somebody.page.wait_for_url(f"{somebody.address}/list")
    somebody.page.goto("/account/passkeys")
    assert "never" not in somebody.page.get_by_role("row", name="My laptop").inner_text()
    somebody.page.get_by_role("button", name="Remove My laptop").click()
    somebody.page.get_by_text("You have no passkey yet").wait_for()
    sign_in(somebody)
    assert "not on the account" in said(somebody)


def test_a_passkey_confirms_before_a_dangerous_act(somebody: Somebody) -> None:
    somebody.enter("administrator")
    add(somebody)
    somebody.enter("administrator")
    somebody.page.goto("/account/passkeys")
    somebody.page.get_by_role("button", name="Remove My laptop").click()
    somebody.page.get_by_role("button", name="Confirm with a passkey").click()
    somebody.page.wait_for_url(f"{somebody.address}/account/passkeys")
    somebody.page.get_by_role("button", name="Remove My laptop").click()
    somebody.page.get_by_text("You have no passkey yet").wait_for()


def test_a_device_that_does_not_check_its_owner_is_told_so(somebody: Somebody) -> None:
    somebody.enter("staff")
    add(somebody)
    somebody.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": somebody.device, "isUserVerified": False})
    sign_in(somebody)
    assert "No passkey was used" in said(somebody)
    assert somebody.page.get_by_role("button", name="Sign in with a passkey").is_enabled()


def test_a_copy_of_a_passkey_is_not_believed(somebody: Somebody) -> None:
    somebody.enter("staff")
    add(somebody)
    somebody.count(40)
    sign_in(somebody)
    somebody.page.wait_for_url(f"{somebody.address}/list")
    somebody.count(7)
    sign_in(somebody)
    assert "there may be a copy of it" in said(somebody)


def test_a_device_has_one_passkey_of_an_account(somebody: Somebody) -> None:
    somebody.enter("staff")
    add(somebody)
    somebody.page.get_by_label("Name").fill("Again")
    somebody.page.get_by_role("button", name="Add a passkey").click()
    assert "already has a passkey" in said(somebody)
    assert somebody.page.get_by_label("Name").input_value() == "Again"


def test_a_browser_without_passkeys_says_what_to_do(somebody: Somebody) -> None:
    somebody.enter("staff")
    somebody.page.add_init_script("delete window.PublicKeyCredential")
    somebody.page.goto("/account/passkeys")
    assert somebody.page.get_by_text("go on signing in with a link by mail").is_visible()
    assert not somebody.page.get_by_role("button", name="Add a passkey").is_visible()
    somebody.page.goto("/sign-in/passkey")
    assert somebody.page.get_by_text("Sign in with a link by mail instead.").is_visible()


def test_an_address_that_is_a_number_leads_to_one_that_has_a_name(somebody: Somebody) -> None:
    somebody.page.goto(f"{somebody.address}/sign-in/passkey?goal=/list".replace("localhost", "127.0.0.1"))
    somebody.page.get_by_role("link", name="Open this page at http://localhost").click()
    somebody.page.get_by_role("button", name="Sign in with a passkey").wait_for()
    assert somebody.page.url.startswith("http://localhost")


def test_pages_of_passkeys_speak_dutch_too_and_fit_a_phone(somebody: Somebody) -> None:
    somebody.enter("staff")
    somebody.page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/account/passkeys", "/sign-in/passkey", "/confirm?goal=/"):
        somebody.page.goto(f"{path}{'&' if '?' in path else '?'}lang=nl")
        assert somebody.page.locator("html").get_attribute("lang") == "nl"
        wide = somebody.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path
