"""Mail that may wait comes when and how its reader wants it, or not at all."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from geocommons.errors import InvalidInput, NotFound
from geocommons.model.account import Account
from geocommons.usecases.mail.hours import after_quiet, digest_after
from geocommons.usecases.mail.wishes import (
    Wishes,
    change_wishes,
    read_unsubscribe_secret,
    read_wishes,
    unsubscribe,
    unsubscribe_secret,
)
from tests.make import NOW
from tests.usecases.mail.outbox import Outbox

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def at(text: str) -> datetime:
    """Return a moment from its text, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        ((22, 7), "2026-05-01T12:00", "2026-05-01T12:00"),
        ((22, 7), "2026-05-01T20:00", "2026-05-02T05:00"),  # 22:00 in summer
        ((22, 7), "2026-05-02T04:59", "2026-05-02T05:00"),
        ((22, 7), "2026-05-02T05:00", "2026-05-02T05:00"),
        ((22, 7), "2026-12-31T21:30", "2027-01-01T06:00"),  # 22:30 in winter, over midnight and the year
        ((1, 3), "2026-03-29T00:30", "2026-03-29T01:00"),  # 02:00 to 03:00 does not exist: quiet ends as it jumps
        ((22, 2), "2026-03-29T00:30", "2026-03-29T01:00"),  # ends at 02:00, which is struck as 03:00
        ((1, 3), "2026-10-25T00:30", "2026-10-25T02:00"),  # 02:30 comes twice: quiet lasts through both
        ((9, 9), "2026-05-01T07:30", "2026-05-01T07:30"),
        ((None, None), "2026-05-01T02:00", "2026-05-01T02:00"),
        ((0, 23), "2026-05-01T22:30", "2026-05-02T21:00"),  # 00:30 in Amsterdam
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(
    hours: tuple[int | None, int | None], moment: str, expected: str
) -> None:
    account = Account(address="ada@town.example", role="resident", language="en", created_at=NOW)
    account.quiet_from_h, account.quiet_to_h = hours
    assert after_quiet(at(moment), account, AMSTERDAM) == at(expected)


@pytest.mark.parametrize(
    ("digest", "moment", "expected"),
    [
        ("at_once", "2026-05-01T12:00", "2026-05-01T12:00"),
        ("daily", "2026-05-01T05:59", "2026-05-01T06:00"),
        ("daily", "2026-05-01T06:00", "2026-05-02T06:00"),
        ("daily", "2026-03-28T12:00", "2026-03-29T06:00"),  # clocks go forward in the night
        ("weekly", "2026-05-01T12:00", "2026-05-04T06:00"),
        ("weekly", "2026-05-04T06:00", "2026-05-11T06:00"),
        ("weekly", "2026-10-24T12:00", "2026-10-26T07:00"),  # and back
    ],
)
def test_digests_go_out_at_eight_in_the_morning_weekly_ones_on_mondays(digest: str, moment: str, expected: str) -> None:
    assert digest_after(at(moment), digest, AMSTERDAM) == at(expected)  # type: ignore[arg-type]


def test_a_daily_reader_gets_the_news_of_a_day_in_one_letter(outbox: Outbox) -> None:
    account = outbox.account(digest="daily")
    for group in ("Otters", "Herons", "Frogs"):
        outbox.news(account, group)
    outbox.postman.send_due()
    assert outbox.room.taken == [] and outbox.states() == ["held"] * 3
    outbox.wait(hours=18)
    outbox.postman.send_due()
    ((_, letter),) = outbox.room.taken
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert all(group in text for group in ("Otters", "Herons", "Frogs"))
    assert outbox.states() == ["joined"] * 3 + ["sent"]
    outbox.wait(days=2)
    outbox.postman.send_due()
    assert len(outbox.room.taken) == 1


def test_one_piece_of_news_needs_no_digest(outbox: Outbox) -> None:
    outbox.news(outbox.account(digest="weekly"))
    outbox.wait(days=7)
    outbox.postman.send_due()
    assert outbox.states() == ["sent"]


def test_no_news_comes_in_quiet_hours_but_a_link_to_sign_in_does(outbox: Outbox) -> None:
    account = outbox.account(quiet_from_h=13, quiet_to_h=16)  # NOW is 14:00 in Amsterdam
    outbox.news(account)
    outbox.sign_in("ada@town.example")
    outbox.postman.send_due()
    assert outbox.states() == ["held", "sent"]
    outbox.wait(hours=2)
    outbox.postman.send_due()
    assert outbox.states() == ["sent", "sent"]


def test_news_that_was_put_off_does_not_come_in_quiet_hours_either(outbox: Outbox) -> None:
    outbox.room.acts["ada@town.example"] = ["451 later"]
    outbox.news(outbox.account(quiet_from_h=15, quiet_to_h=17))
    outbox.postman.send_due()
    outbox.wait(minutes=90)
    outbox.postman.send_due()
    assert outbox.room.taken == []
    outbox.wait(minutes=90)
    outbox.postman.send_due()
    assert outbox.states() == ["sent"]


def test_who_unsubscribed_gets_no_news_but_still_links_to_sign_in(outbox: Outbox) -> None:
    account = outbox.account()
    outbox.news(account)
    with outbox.store.writing() as session:
        unsubscribe(session, account.id, "member_added", now=NOW)
    outbox.sign_in("ada@town.example")
    outbox.postman.send_due()
    assert outbox.states() == ["dropped", "sent"]


def test_who_no_longer_wants_a_digest_gets_what_was_held_at_once(outbox: Outbox) -> None:
    account = outbox.account(digest="weekly")
    outbox.news(account)
    outbox.news(account)
    outbox.postman.send_due()
    with outbox.store.writing() as session:
        change_wishes(session, _again(session, account), Wishes(), now=NOW)
    outbox.postman.send_due()
    assert outbox.states() == ["sent", "sent"]


def _again(session: Session, account: Account) -> Account:
    found = session.get(Account, account.id)
    assert found is not None
    return found


def test_news_names_the_way_to_do_without_it_and_essential_mail_does_not(outbox: Outbox) -> None:
    account = outbox.account()
    outbox.sign_in("ada@town.example")
    outbox.news(account)
    outbox.postman.send_due()
    (_, essential), (_, news) = outbox.room.taken
    assert essential["List-Unsubscribe"] is None
    secret = unsubscribe_secret(outbox.postman.settings, account.id, "member_added")
    assert news["List-Unsubscribe"] == f"<https://town.example/unsubscribe/{secret}>"
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read_unsubscribe_secret(outbox.postman.settings, secret) == (account.id, "member_added")


def test_a_secret_lets_nobody_unsubscribe_somebody_else(outbox: Outbox) -> None:
    settings = outbox.postman.settings
    secret = unsubscribe_secret(settings, 7, "member_added")
    for forged in (secret.replace("7", "8", 1), secret[:-1] + "x", "7-member_added-", "", "٧-digest-x", "7-nothing-é"):
        with pytest.raises(NotFound):
            read_unsubscribe_secret(settings, forged)


@pytest.mark.parametrize(
    "form", [("hourly", "", ""), ("daily", "22", ""), ("daily", "24", "7"), ("daily", "-1", "7"), ("daily", "٣", "7")]
)
def test_wishes_that_cannot_be_are_refused(form: tuple[str, str, str]) -> None:
    with pytest.raises(InvalidInput):
        read_wishes(*form, [])
