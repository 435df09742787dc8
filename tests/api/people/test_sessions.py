"""Sessions, tokens and forms, as two tabs, thieves and other sites try them."""

import pytest
from sqlalchemy import event, func, select
from starlette.testclient import TestClient

from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.model.sign_in import LoginSession, digest_of
from geocommons.store.logins import find_login
from geocommons.usecases.people.sessions import refresh
from tests.api.people.conftest import Desk, ask, follow, token, who
from tests.api.sign_in_as import BROWSER, sign_in_as

JSON = {"accept": "application/json"}


def signed_in(desk: Desk, role: Role = "resident", address: str = "") -> TestClient:
    """Return a browser that is signed in; it has the token of a form only from a page."""
    browser = desk.browser()
    sign_in_as(browser, role, address)
    del browser.headers["x-csrf-token"]
    return browser


def secret_of(browser: TestClient) -> str:
    """Return the newest secret of a browser's session."""
    return [cookie.value or "" for cookie in browser.cookies.jar if cookie.name == "session"][-1]


def with_secret(desk: Desk, secret: str) -> TestClient:
    """Return another browser, or tab, that has a session's secret."""
    other = desk.browser("203.0.113.9")
    other.cookies.set("session", secret)
    return other


def test_the_secret_of_a_session_changes_and_a_second_tab_goes_on(desk: Desk) -> None:
    browser = signed_in(desk)
    old = secret_of(browser)
    desk.later(hours=2)
    renewed = browser.get("/account")
    new = next(one for one in renewed.headers.get_list("set-cookie") if one.startswith("session="))[8:].partition(";")[
        0
    ]
    assert new != old
    tab = with_secret(desk, old)
    assert "resident@" in who(tab), "the tab that asked at the same time is still signed in"
    desk.later(minutes=2)
    assert "resident@" in who(with_secret(desk, new))
    assert who(with_secret(desk, old)) == "", "a copy of the old secret is worth nothing now"
    assert "resident@" in who(with_secret(desk, new))


def test_an_answer_that_was_lost_on_its_way_signs_nobody_out(desk: Desk) -> None:
    old = secret_of(signed_in(desk))
    desk.later(hours=2)
    with_secret(desk, old).get("/account")
    desk.later(hours=5)
    again = with_secret(desk, old).get("/account")
    assert again.status_code == 200
    assert any(one.startswith("session=") for one in again.headers.get_list("set-cookie"))


def test_two_requests_at_once_give_one_new_secret(desk: Desk) -> None:
    old = digest_of(secret_of(signed_in(desk)))
    desk.later(hours=2)
    with desk.store.asking() as session:
        first, second = (find_login(session, old, desk.now) for _ in range(2))
    assert first and second
    given = [refresh(desk.store, login, old, now=desk.now) for login in (first, second)]
    assert [one is None for one in given] == [False, True]


@pytest.mark.parametrize(("role", "lasts", "ends"), [("resident", 29, 31), ("administrator", 0.4, 0.6)])
def test_a_session_that_is_left_alone_ends(desk: Desk, role: Role, lasts: float, ends: float) -> None:
    secret = secret_of(signed_in(desk, role))
    desk.later(days=lasts)
    assert f"{role}@" in who(with_secret(desk, secret))
    with desk.store.reading() as session:
        login = session.scalars(select(LoginSession)).one()
        assert login.seen_at == desk.now
    desk.later(days=ends)
    assert who(with_secret(desk, secret)) == ""


def test_a_session_ends_for_good_however_often_it_is_used(desk: Desk) -> None:
    browser = signed_in(desk, "planner")
    for _ in range(6):
        desk.later(days=1)
        browser = signed_in(desk, "planner", f"{desk.now:%d}@example.org") if who(browser) == "" else browser
    with desk.store.reading() as session:
        lives = [login.expires_at - login.created_at for login in session.scalars(select(LoginSession))]
    assert {life.days for life in lives} == {7}


def test_a_clock_that_is_set_back_signs_nobody_out(desk: Desk) -> None:
    browser = signed_in(desk, "staff")
    desk.later(days=-30)
    assert "staff@" in who(browser)
    assert "staff@" in who(browser)


def test_sessions_are_listed_in_words_and_ended_one_by_one_and_all(desk: Desk) -> None:
    browser = signed_in(desk)
    with desk.store.writing() as session:
        account = session.scalars(select(Account)).one()
        for number, agent in enumerate(("Mozilla/5.0 (iPhone) Version/18 Safari/605", "curl/8.0", "<script>" * 50)):
            session.add(
                LoginSession(
                    account_id=account.id, secret_digest=digest_of(f"s{number}"), previous_digest=None, browser=agent,
                    way="mail", acting_for=None, created_at=desk.now, seen_at=desk.now, rotated_at=desk.now,
                    confirmed_at=desk.now, expires_at=desk.now.replace(year=2030), revoked_at=None,
                )
            )  # fmt: skip
    listed = browser.get("/account/sessions")
    assert listed.status_code == 200 and "<script><script>" not in listed.text
    assert "1 May 2026, 14:00" in listed.text, "noon at Greenwich, by the clock where the register is"
    csrf = token(browser, "/account/sessions")
    first = with_secret(desk, "s0")
    assert "resident@" in who(first)
    with desk.store.reading() as session:
        first_id = session.scalar(select(LoginSession.id).where(LoginSession.secret_digest == digest_of("s0")))
    assert browser.post(f"/account/sessions/{first_id}/end", data={"csrf": csrf}).status_code == 303
    assert who(first) == "" and "resident@" in who(with_secret(desk, "s1"))
    assert browser.post("/account/sessions/end-others", data={"csrf": csrf}).status_code == 303
    assert who(with_secret(desk, "s1")) == "" and "resident@" in who(browser)


def test_nobody_ends_the_session_of_somebody_else(desk: Desk) -> None:
    ada, eve = signed_in(desk, "resident", "ada@example.org"), signed_in(desk, "resident", "eve@example.org")
    with desk.store.reading() as session:
        hers = session.scalar(select(func.min(LoginSession.id)))
    csrf = token(eve, "/account/sessions")
    assert eve.post(f"/account/sessions/{hers}/end", data={"csrf": csrf}).status_code == 404
    assert "ada@" in who(ada)


def test_who_asks_is_found_in_one_question(desk: Desk) -> None:
    digest, asked = digest_of(secret_of(signed_in(desk))), []
    event.listen(desk.store.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    with desk.store.asking() as session:
        assert find_login(session, digest, desk.now)
    assert len([statement for statement in asked if statement != "BEGIN"]) == 1


def make_token(browser: TestClient, *scopes: str) -> str:
    """Make a token on the account page, and return its secret, which that page shows once."""
    csrf = token(browser, "/account/tokens")
    sent = {"csrf": csrf, "name": "A script", "days": "30"} | {f"scope {scope}": "yes" for scope in scopes}
    made = browser.post("/account/tokens", data=sent)
    assert made.status_code == 200, made.text
    secret = made.text.partition("gc_")[2]
    assert secret and "gc_" not in browser.get("/account/tokens").text
    return "gc_" + secret[:43]


def test_a_token_does_what_it_was_made_for_and_no_more(desk: Desk) -> None:
    browser = signed_in(desk, "planner")
    secret = make_token(browser, "start an analysis")
    script = desk.browser(authorization=f"Bearer {secret}", **JSON)
    assert "Een analyse starten</td>" in browser.get("/account/tokens?lang=nl").text
    assert script.get("/account").status_code == 403
    started = script.post("/analyses/rivers", data={})
    assert started.status_code not in (401, 403) or "form" in started.text
    with desk.store.reading() as session:
        assert secret not in str(session.connection().exec_driver_sql("SELECT * FROM api_token").all())


def test_a_token_ends_when_it_is_revoked_and_when_its_time_is_over(desk: Desk) -> None:
    browser = signed_in(desk, "planner")
    secrets = [make_token(browser, "keep own account") for _ in range(2)]
    scripts = [desk.browser(authorization=f"Bearer {secret}", **JSON) for secret in secrets]
    assert [script.get("/account").status_code for script in scripts] == [200, 200]
    csrf = token(browser, "/account/tokens")
    assert browser.post("/account/tokens/1/revoke", data={"csrf": csrf}).status_code == 303
    assert [script.get("/account").status_code for script in scripts] == [401, 200]
    desk.later(days=31)
    assert [script.get("/account").status_code for script in scripts] == [401, 401]


@pytest.mark.parametrize("shown", ["Bearer gc_nobody", "Bearer", "Bearer \u00e9", "bearer  x y", "Basic YTpi"])
def test_a_token_that_nobody_made_is_nobody(desk: Desk, shown: str) -> None:
    answer = desk.browser(**JSON).get("/account", headers={"authorization": shown.encode("latin-1")})  # type: ignore[dict-item]
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_never_confirms_a_dangerous_act(desk: Desk) -> None:
    browser = signed_in(desk, "administrator")
    refused = browser.post(
        "/account/tokens",
        data={"csrf": token(browser, "/account/tokens"), "name": "x", "days": "30", "scope keep people": "yes"},
    )
    assert refused.status_code == 422
    script = desk.browser(authorization=f"Bearer {make_token(browser, 'see mail')}", **JSON)
    assert (
        script.post("/people/invite", data={"address": "eve@example.org", "role": "administrator"}).status_code == 403
    )
    assert desk.mails() == []


def test_a_dangerous_act_asks_again_who_it_is_after_ten_minutes(desk: Desk) -> None:
    browser = signed_in(desk, "administrator")
    csrf = token(browser, "/people")
    sent = {"csrf": csrf, "address": "eve@example.org", "role": "resident"}
    desk.later(minutes=11)
    asked = browser.post("/people/invite", data=sent, headers={"referer": "http://localhost/people"})
    assert asked.status_code == 303 and asked.headers["location"] == "/confirm?goal=/people"
    assert desk.mails() == []
    desk.later(minutes=-11)
    assert browser.post("/people/invite", data=sent).headers["location"] == "/people"


FORMS = (
    "/sign-out",
    "/account/sessions/end-others",
    "/account/tokens",
    "/people/invite",
    "/analyses/rivers",
    "/sign-in",
)


@pytest.mark.parametrize("csrf", ["", "0" * 64, "🌳", "x" * 10_000])
def test_a_form_without_its_token_changes_nothing(desk: Desk, csrf: str) -> None:
    browser = signed_in(desk, "administrator")
    for path in FORMS:
        assert browser.post(path, data={"csrf": csrf, "address": "eve@example.org"}).status_code == 403, path
    assert "administrator@" in who(browser) and desk.mails() == []


def test_the_token_of_another_browser_is_worth_nothing(desk: Desk) -> None:
    browser, other = signed_in(desk), desk.browser()
    assert browser.post("/sign-out", data={"csrf": token(other)}).status_code == 403
    assert "resident@" in who(browser)


def test_a_form_of_another_site_is_refused_even_with_its_token(desk: Desk) -> None:
    browser = signed_in(desk)
    sent = {"csrf": token(browser, "/account/sessions")}
    for told in (
        {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"},
        {"origin": "null"},
    ):  # fmt: skip
        assert browser.post("/sign-out", data=sent, headers=told).status_code == 403, told
    assert browser.post("/sign-out", data=sent, headers={"origin": "http://localhost"}).status_code == 303


def test_the_token_may_come_in_a_header_as_programs_of_our_pages_send_it(desk: Desk) -> None:
    browser = desk.browser()
    sign_in_as(browser, "resident")
    assert browser.cookies["browser"] == BROWSER
    assert browser.post("/sign-out", content=b"{}", headers={"content-type": "application/json"}).status_code == 303


def test_nobody_is_signed_in_as_somebody_else_by_a_form_of_another_site(desk: Desk) -> None:
    eve, ada = desk.browser(), desk.browser("203.0.113.9")
    eve.post("/sign-in", data={"csrf": token(eve), "address": "eve@example.org"})
    link, code = desk.mailed()
    assert ada.post(link, data={}).status_code == 403
    assert ada.post(link, data={"csrf": token(eve)}).status_code == 403
    assert ada.post("/sign-in/code", data={"code": code}).status_code == 403
    assert "session" not in ada.cookies


def test_a_form_from_before_signing_in_or_out_counts_no_more(desk: Desk) -> None:
    browser = desk.browser()
    ask(browser, "ada@example.org")
    before = token(browser)
    follow(browser, desk.mailed()[0])
    assert browser.post("/sign-out", data={"csrf": before}).status_code == 403
    within = token(browser, "/account/sessions")
    assert browser.post("/sign-out", data={"csrf": within}).status_code == 303
    assert browser.post("/sign-in", data={"csrf": within, "address": "eve@example.org"}).status_code == 403


@pytest.mark.parametrize("language", ["en", "nl"])
def test_bodies_that_are_huge_or_no_form_end_in_a_sentence(desk: Desk, language: str) -> None:
    browser = desk.browser(**{"accept-language": language})
    csrf = token(browser)
    form = {"content-type": "application/x-www-form-urlencoded"}
    bodies = (b"address=" + b"a" * 300_000, b"\xff\xfe=\x00", b"&".join(b"a%d=1" % n for n in range(500)), b"a;b", b"%")
    for body in bodies:
        answer = browser.post("/sign-in", content=body, headers=form)
        assert answer.status_code in (400, 403, 413), body[:20]
        assert "<h1>" in answer.text
    assert browser.post("/sign-in", content=b"x" * 50_000_000, headers=form).status_code in (400, 413)
    assert browser.post("/sign-in", data={"csrf": csrf, "address": "ada\0@example.org"}).status_code == 303


def test_an_administrator_gives_a_role_and_ticks_its_layers(desk: Desk) -> None:
    browser, ada = signed_in(desk, "administrator"), signed_in(desk, "resident", "ada@example.org")
    csrf = token(browser, "/people")
    sent = {"csrf": csrf, "role": "staff", "layer": ["gardens", "rivers"], "district": "West, East"}
    assert browser.post("/people/2/role", data=sent).headers["location"] == "/people"
    assert who(ada) == "", "whoever it is signs in again"
    listed = browser.get("/people").text
    assert 'value="rivers" checked' in listed and "East, West" in listed
    assert "Rivers and streams" in listed.partition("Accounts")[2].partition("</summary>")[0]
    wrong = browser.post("/people/invite", data=sent | {"address": "nobody", "layer": "gardens"})
    assert wrong.status_code == 422 and 'value="gardens" checked' in wrong.text.partition("Accounts")[0]
    last = browser.post("/people/1/role", data={"csrf": csrf, "role": "resident"})
    assert last.status_code == 409 and "This is the last administrator" in last.text
