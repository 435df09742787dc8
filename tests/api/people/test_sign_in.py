"""Sign in by mail, as browsers, mail scanners and strangers try it."""

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from geocommons.model.account import Account
from geocommons.model.party import Party
from geocommons.model.sign_in import LoginSession
from tests.api.people.conftest import Desk, ask, follow, token, who

ADA = "ada@example.org"


def test_the_button_of_a_mailed_link_lets_in_and_makes_a_resident(desk: Desk) -> None:
    browser = desk.browser()
    assert ask(browser, ADA, "/list?layer=rivers").headers["location"] == "/sign-in/code"
    link, _ = desk.mailed()
    entered = follow(browser, link)
    assert (entered.status_code, entered.headers["location"]) == (303, "/list?layer=rivers")
    assert ADA in who(browser)
    with desk.store.reading() as session:
        assert session.scalars(select(Account.role)).all() == ["resident"]


def test_signing_in_makes_nothing_that_is_kept_for_everybody_old(desk: Desk) -> None:
    before, browser = desk.store.version(), desk.browser()
    tag = browser.get("/ogc/collections").headers["etag"]
    ask(browser, ADA)
    follow(browser, desk.mailed()[0])
    browser.post("/sign-out", data={"csrf": token(browser, "/account")})
    assert desk.store.version() == before
    assert desk.browser().get("/ogc/collections", headers={"if-none-match": tag}).status_code == 304
    with desk.store.writing() as session:
        session.add(Party(kind="group", name="Otters"))
    assert desk.store.version() == before + 1


def test_a_mail_scanner_that_opens_links_signs_nobody_in_and_spends_nothing(desk: Desk) -> None:
    ask(desk.browser(), ADA)
    link, _ = desk.mailed()
    scanner = desk.browser("203.0.113.9")
    for _ in range(3):
        opened = scanner.get(link)
        assert opened.status_code == 200 and "session" not in scanner.cookies
    assert scanner.head(link).status_code in (200, 405)
    assert follow(desk.browser(), link).status_code == 303


def test_the_page_of_a_link_tells_its_address_to_no_other_site(desk: Desk) -> None:
    ask(desk.browser(), ADA)
    opened = desk.browser().get(desk.mailed()[0])
    assert opened.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in opened.headers["cache-control"]


def test_a_link_works_once(desk: Desk) -> None:
    first, second = desk.browser(), desk.browser()
    ask(first, ADA)
    link, _ = desk.mailed()
    csrf = token(second, link)
    assert follow(first, link).status_code == 303
    again = second.post(link, data={"csrf": csrf})
    assert again.status_code == 410 and "Ask for a new mail" in again.text
    assert who(second) == ""


def test_a_link_works_for_fifteen_minutes(desk: Desk) -> None:
    browser = desk.browser()
    ask(browser, ADA)
    link, _ = desk.mailed()
    csrf = token(browser, link)
    desk.later(minutes=15)
    assert browser.get(link).status_code == 410
    assert browser.post(link, data={"csrf": csrf}).status_code == 410
    assert who(browser) == ""


def test_a_link_that_nobody_sent_is_refused_in_one_sentence(desk: Desk) -> None:
    browser = desk.browser()
    for secret in ("nobody-made-this", "%F0%9F%8C%B3", "x" * 3000, "' OR 1=1"):
        answer = browser.get(f"/sign-in/{secret}")
        assert answer.status_code == 410 and "Ask for a new mail" in answer.text, secret


def test_the_code_lets_in_the_browser_that_asked_and_no_other(desk: Desk) -> None:
    mine, other = desk.browser(), desk.browser("203.0.113.9")
    ask(mine, ADA)
    _, code = desk.mailed()
    ask(other, "eve@example.org")
    assert other.post("/sign-in/code", data={"csrf": token(other), "code": code}).status_code == 422
    spaced = f" {code[:3]} {code[3:]} "
    assert mine.post("/sign-in/code", data={"csrf": token(mine, "/sign-in/code"), "code": spaced}).status_code == 303
    assert ADA in who(mine)


def test_a_browser_that_never_asked_has_no_code_to_type(desk: Desk) -> None:
    ask(desk.browser(), ADA)
    stranger = desk.browser()
    assert stranger.get("/sign-in/code").headers["location"] == "/sign-in"
    csrf = token(stranger)
    assert (
        stranger.post("/sign-in/code", data={"csrf": csrf, "code": desk.mailed()[1]}).headers["location"] == "/sign-in"
    )


def test_a_code_is_spent_after_five_wrong_ones_and_its_link_is_not(desk: Desk) -> None:
    browser = desk.browser()
    ask(browser, ADA)
    link, code = desk.mailed()
    csrf = token(browser)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    tries = [browser.post("/sign-in/code", data={"csrf": csrf, "code": wrong}).status_code for _ in range(6)]
    assert tries == [422, 422, 422, 422, 410, 410]
    assert browser.post("/sign-in/code", data={"csrf": csrf, "code": code}).status_code == 410
    assert follow(browser, link).status_code == 303


def test_codes_of_one_address_are_few_in_a_day_however_many_mails_are_asked_for(desk: Desk) -> None:
    guesser, statuses = desk.browser(), []
    for _ in range(9):
        desk.later(minutes=16)
        assert ask(guesser, ADA).status_code == 303
        code = desk.mailed()[1]
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        csrf = token(guesser)
        statuses += [guesser.post("/sign-in/code", data={"csrf": csrf, "code": wrong}).status_code for _ in range(4)]
    assert statuses[:30] == [422] * 30 and set(statuses[30:]) == {429}
    assert follow(guesser, desk.mailed()[0]).status_code == 303


def test_known_and_unknown_addresses_get_the_same_answer(desk: Desk) -> None:
    ask(desk.browser(), ADA)
    follow(desk.browser(), desk.mailed()[0])
    answers = []
    for address in (ADA, "eve@example.org"):
        browser = desk.browser()
        asked = ask(browser, address)
        page = browser.get("/sign-in/code").text.replace(address, "ADDRESS")
        answers.append((asked.status_code, asked.text, asked.headers["location"], page.replace(token(browser), "T")))
    assert answers[0] == answers[1]


def test_too_many_mails_to_one_address_are_refused_alike_known_or_not(desk: Desk) -> None:
    ask(desk.browser(), ADA)
    follow(desk.browser(), desk.mailed()[0])
    desk.later(minutes=16)
    for address in (ADA, "eve@example.org"):
        statuses = [ask(desk.browser(f"192.0.2.{n}"), address).status_code for n in range(6)]
        assert statuses == [303] * 5 + [429]
    refused = ask(desk.browser(), ADA)
    assert int(refused.headers["retry-after"]) == 15 * 60
    assert refused.headers["content-type"].startswith("text/html")
    desk.later(minutes=15)
    assert ask(desk.browser(), ADA).status_code == 303


def test_one_client_asks_for_so_many_mails_only_and_others_are_not_in_its_way(desk: Desk) -> None:
    crowd = [ask(desk.browser("203.0.113.9"), f"p{n}@example.org").status_code for n in range(31)]
    assert crowd == [303] * 30 + [429]
    assert ask(desk.browser("203.0.113.10"), ADA).status_code == 303


def test_a_subscriber_of_ipv6_is_one_client_whichever_address_it_chooses(desk: Desk) -> None:
    crowd = [ask(desk.browser(f"2001:db8:1:2:{n:x}::{n:x}"), f"p{n}@example.org").status_code for n in range(31)]
    assert crowd == [303] * 30 + [429]
    assert ask(desk.browser("2001:db8:1:3::1"), ADA).status_code == 303
    mapped = [ask(desk.browser(f"::ffff:203.0.113.{n}"), f"q{n}@example.org").status_code for n in range(31)]
    assert mapped == [303] * 31, "an address of IPv4 is a client of its own, however it is written"


def test_one_client_begins_so_many_challenges_only(desk: Desk) -> None:
    crowd, others = desk.browser("203.0.113.9"), desk.browser("203.0.113.10")
    csrf = token(crowd, "/sign-in/passkey")
    begun = [crowd.post("/sign-in/passkey/challenge", data={"csrf": csrf}) for _ in range(121)]
    assert [one.status_code for one in begun] == [200] * 120 + [429]
    assert int(begun[-1].headers["retry-after"]) > 0
    csrf = token(others, "/sign-in/passkey")
    assert others.post("/sign-in/passkey/challenge", data={"csrf": csrf}).status_code == 200


def test_a_client_that_asks_too_much_does_not_use_up_the_mails_of_an_address(desk: Desk) -> None:
    for n in range(40):
        ask(desk.browser("203.0.113.9"), ADA if n >= 30 else f"p{n}@example.org")
    assert ask(desk.browser("203.0.113.10"), ADA).status_code == 303


def test_a_clock_that_is_set_back_neither_locks_out_nor_gives_tries_for_nothing(desk: Desk) -> None:
    for n in range(5):
        ask(desk.browser(f"192.0.2.{n}"), ADA)
    desk.later(days=-400)
    assert ask(desk.browser(), ADA).status_code == 429
    desk.later(minutes=15)
    assert ask(desk.browser(), ADA).status_code == 303


def test_a_link_does_not_come_to_life_again_when_the_clock_is_set_back(desk: Desk) -> None:
    browser = desk.browser()
    ask(browser, ADA)
    link, _ = desk.mailed()
    desk.later(hours=-1)
    assert browser.get(link).status_code == 410


def test_odd_addresses_are_addresses(desk: Desk) -> None:
    for address in ("a.d.a+gardens@example.org", "ada@sub.example.org", "zoë@exämple.org", " ADA@Example.ORG "):
        browser = desk.browser()
        assert ask(browser, address).status_code == 303
        assert desk.mails()[-1].address == address.strip().lower()
        follow(browser, desk.mailed()[0])
        assert address.strip().lower() in who(browser)


def test_plus_and_dots_are_other_mailboxes_and_capitals_are_not(desk: Desk) -> None:
    for address in ("ada@example.org", "a.da@example.org", "ada+x@example.org", "Ada@Example.org"):
        ask(desk.browser(), address)
        follow(desk.browser(), desk.mailed()[0])
    with desk.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 3


def test_letters_that_fold_together_are_not_one_mailbox(desk: Desk) -> None:
    ask(desk.browser(), "straße@example.org")
    assert desk.mails()[-1].address == "straße@example.org"


NO_ADDRESSES = (
    "", "ada", "@", "ada@", "@example.org", "ada@example..org", "ada@@example.org", "a" * 10_000 + "@example.org",
    "ada@example.org\r\nBcc: eve@example.org", "ada@example.org%0aBcc:eve@example.org,", "ada@example.org,eve@x.org",
    "ada@exam\u202eple.org", "<script>alert(1)</script>@example.org", "🌳" * 10_000,
)  # fmt: skip
ELSEWHERE = (
    "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/" + "x" * 10_000,
    "/a\r\nSet-Cookie: a=b",
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "is not an e-mail address"), ("nl", "is geen e-mailadres")], ids=("en", "nl")
)
def test_what_is_no_address_is_refused_beside_its_field_and_nothing_is_mailed(
    desk: Desk, language: str, sentence: str
) -> None:
    browser = desk.browser(**{"accept-language": language})
    csrf = token(browser)
    for address in NO_ADDRESSES:
        answer = browser.post("/sign-in", data={"csrf": csrf, "address": address})
        assert answer.status_code == 422, address
        assert sentence in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert "<script>alert" not in answer.text
    assert desk.mails() == []


def test_signing_in_leads_to_no_other_site(desk: Desk) -> None:
    browser = desk.browser()
    for goal in ELSEWHERE:
        desk.later(minutes=16)
        ask(browser, ADA, goal)
        browser.cookies.clear()
        assert follow(browser, desk.mailed()[0]).headers["location"] == "/", goal


def test_signing_in_gives_a_new_secret_and_ends_the_session_before(desk: Desk) -> None:
    browser = desk.browser()
    secrets = []
    browser.cookies.set("session", "planted-by-somebody-else", domain="localhost.local")
    for _ in range(2):
        ask(browser, ADA)
        follow(browser, desk.mailed()[0])
        secrets.append(browser.cookies["session"])
    assert len({*secrets, "planted-by-somebody-else"}) == 3
    with desk.store.reading() as session:
        open_ones = select(func.count()).select_from(LoginSession).where(LoginSession.revoked_at.is_(None))
        assert session.scalar(open_ones) == 1


def test_a_session_cookie_that_was_stolen_is_worth_nothing_after_signing_out(desk: Desk) -> None:
    browser, thief = desk.browser(), desk.browser("203.0.113.9")
    ask(browser, ADA)
    follow(browser, desk.mailed()[0])
    thief.cookies.set("session", browser.cookies["session"])
    assert ADA in who(thief)
    left = browser.post("/sign-out", data={"csrf": token(browser, "/account")})
    assert left.status_code == 303 and "session" not in browser.cookies
    assert who(thief) == "" and who(browser) == ""


def test_cookies_are_kept_from_scripts_and_from_other_sites(desk: Desk) -> None:
    browser = desk.browser()
    ask(browser, ADA)
    entered = follow(browser, desk.mailed()[0])
    cookie = next(one for one in entered.headers.get_list("set-cookie") if one.startswith("session="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Domain" not in cookie


@pytest.mark.parametrize("page", ["/sign-in", "/?lang=nl"])
def test_every_cookie_of_a_register_with_a_public_address_is_kept_to_https(desk: Desk, page: str) -> None:
    secret = SecretStr("a-secret-of-this-city-alone-0123456789")
    desk.app.state.settings = desk.settings.model_copy(
        update={"public_url": "https://localhost", "secret_key": secret}
    )  # fmt: skip
    set_now = desk.browser().get(page).headers.get_list("set-cookie")
    assert set_now and all("Secure" in one and "HttpOnly" in one and "SameSite=lax" in one for one in set_now)
