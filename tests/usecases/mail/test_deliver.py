"""Mail is sent if its cause happened, once, and what cannot be sent says why."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from geocommons.files.mail.smtp import MailServer, read_mail_url
from geocommons.store.mail import forget_mail_before, forget_mail_of
from geocommons.usecases.mail.deliver import MOST_TRIES, wait_after
from geocommons.usecases.mail.queue import queue_mail
from tests.make import NOW
from tests.usecases.mail.outbox import GROUP, LINK, Outbox, make_line


def test_a_mail_whose_cause_was_taken_back_is_never_sent(outbox: Outbox) -> None:
    with outbox.store.trying() as (session, take_back):
        queue_mail(session, "sign_in", to="ada@town.example", language="en", params=LINK, now=NOW)
        take_back()
    outbox.postman.send_due()
    assert outbox.mails() == [] and outbox.room.taken == []


def test_many_mails_go_over_one_line(outbox: Outbox) -> None:
    for number in range(120):
        outbox.sign_in(f"reader{number}@town.example")
    told = outbox.postman.send_due()
    assert {mail.error for mail in outbox.mails()} == {None}
    assert told["sent"] == 120
    assert len(set(outbox.readers())) == 120
    assert outbox.room.connections == 1


def test_what_was_sent_is_not_sent_again_and_its_link_is_forgotten(outbox: Outbox) -> None:
    outbox.sign_in("ada@town.example")
    outbox.postman.send_due()
    outbox.wait(days=3)
    outbox.postman.send_due()
    assert outbox.readers() == ["ada@town.example"]
    (mail,) = outbox.mails()
    assert mail.state == "sent" and mail.sent_at == NOW and mail.params == {"minutes": 15}


def test_a_mail_with_a_key_is_queued_once(outbox: Outbox) -> None:
    for _ in range(3):
        outbox.sign_in("ada@town.example", key="first try")
    outbox.sign_in("ada@town.example", key="second try")
    outbox.postman.send_due()
    assert len(outbox.room.taken) == 2


def test_a_refusal_for_now_is_tried_again_later_and_later(outbox: Outbox) -> None:
    outbox.room.acts["ada@town.example"] = ["451 come back", "452 still full"]
    outbox.sign_in("ada@town.example")
    outbox.postman.send_due()
    (mail,) = outbox.mails()
    assert (mail.state, mail.tries, mail.error) == ("waiting", 1, "451 come back")
    outbox.postman.send_due()
    assert outbox.mails()[0].tries == 1, "before its time nothing is tried"
    outbox.wait(seconds=15)
    outbox.postman.send_due()
    outbox.wait(seconds=29)
    outbox.postman.send_due()
    assert outbox.states() == ["waiting"], "the second wait is twice as long"
    outbox.wait(seconds=1)
    outbox.postman.send_due()
    assert outbox.states() == ["sent"] and outbox.mails()[0].error is None


def test_a_refusal_for_good_is_dead_with_the_servers_words_and_stops_nobody_else(outbox: Outbox) -> None:
    outbox.room.acts["gone@town.example"] = ["550 5.1.1 no such mailbox"]
    for name in ("a", "gone", "z"):
        outbox.sign_in(f"{name}@town.example")
    told = outbox.postman.send_due()
    assert (told["sent"], told["dead"]) == (2, 1)
    assert outbox.states() == ["sent", "dead", "sent"]
    assert outbox.mails()[1].error == "550 5.1.1 no such mailbox"


def test_after_many_tries_a_mail_is_dead(outbox: Outbox) -> None:
    account = outbox.account()
    outbox.room.acts["ada@town.example"] = ["451 never"] * MOST_TRIES
    outbox.news(account)
    for _ in range(MOST_TRIES + 5):
        outbox.postman.send_due()
        outbox.wait(hours=5)
    (mail,) = outbox.mails()
    assert (mail.state, mail.tries, mail.error) == ("dead", MOST_TRIES, "451 never")
    assert outbox.room.taken == []


def test_a_link_that_is_over_is_not_sent(outbox: Outbox) -> None:
    outbox.sign_in("ada@town.example")
    outbox.wait(minutes=16)
    outbox.postman.send_due()
    (mail,) = outbox.mails()
    assert outbox.room.taken == [] and mail.state == "dead" and mail.error


@pytest.mark.parametrize("fault", ["stall", "drop"])
def test_a_server_that_falls_silent_or_hangs_up_gets_the_mail_again(outbox: Outbox, fault: str) -> None:
    outbox.room.acts["b@town.example"] = [fault]
    for name in "abc":
        outbox.sign_in(f"{name}@town.example")
    told = replace(outbox.postman, server=make_line(outbox.postman.settings, timeout_s=5)).send_due()
    assert (told["sent"], told["put off"], told["lost"]) == (2, 1, 1)
    outbox.wait(minutes=1)
    outbox.postman.send_due()
    assert outbox.states() == ["sent"] * 3
    assert sorted(outbox.readers()) == ["a@town.example", "b@town.example", "c@town.example"]


def test_what_arrived_though_the_answer_was_lost_comes_again_under_the_same_message_id(outbox: Outbox) -> None:
    outbox.room.acts["ada@town.example"] = ["take and drop"]
    outbox.sign_in("ada@town.example")
    outbox.postman.send_due()
    outbox.wait(minutes=1)
    outbox.postman.send_due()
    first, second = (message for _, message in outbox.room.taken)
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()


def test_without_a_server_mail_waits_and_none_dies_of_it(outbox: Outbox) -> None:
    nowhere = MailServer(read_mail_url("smtp://127.0.0.1:9"), name="town.example", timeout_s=1)
    away = replace(outbox.postman, server=nowhere)
    for number in range(30):
        outbox.sign_in(f"reader{number}@town.example")
    away.send_due()
    assert outbox.states() == ["waiting"] * 30
    outbox.wait(minutes=5)
    outbox.postman.send_due()
    assert outbox.states() == ["sent"] * 30


def test_two_senders_never_have_the_same_mail(outbox: Outbox) -> None:
    for number in range(200):
        outbox.sign_in(f"reader{number}@town.example")
    senders = [replace(outbox.postman, server=make_line(outbox.postman.settings)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda sender: sender.send_due(), senders))
    assert sum(each["sent"] for each in told) == 200
    assert len(outbox.room.taken) == len(set(outbox.readers())) == 200


def test_a_sender_that_is_stopped_gives_back_what_it_did_not_begin(outbox: Outbox) -> None:
    for number in range(10):
        outbox.sign_in(f"reader{number}@town.example")
    replace(outbox.postman, stopping=lambda: len(outbox.room.taken) >= 4).send_due()
    assert sorted(outbox.states()) == ["sent"] * 4 + ["waiting"] * 6


def test_what_is_essential_goes_first(outbox: Outbox) -> None:
    account = outbox.account()
    for _ in range(3):
        outbox.news(account)
    outbox.sign_in("hurry@town.example")
    outbox.postman.send_due()
    assert outbox.readers()[0] == "hurry@town.example"


def test_who_is_erased_gets_nothing_more_and_leaves_no_trace(outbox: Outbox) -> None:
    account = outbox.account()
    outbox.news(account)
    outbox.postman.send_due()
    outbox.news(account, "Secret Society")
    outbox.sign_in("ada@town.example")
    with outbox.store.writing() as session:
        assert forget_mail_of(session, account.id, "ada@town.example") == 2
    outbox.postman.send_due()
    assert len(outbox.room.taken) == 1
    for mail in outbox.mails():
        assert (mail.address, mail.account_id, mail.params) == (None, None, {})
    assert outbox.states() == ["sent", "dropped", "dropped"]


def test_old_mail_is_blanked_once_and_what_waits_is_not(outbox: Outbox) -> None:
    outbox.sign_in("ada@town.example")
    outbox.postman.send_due()
    outbox.account("bo@town.example", digest="weekly")
    outbox.sign_in("later@town.example")
    with outbox.store.writing() as session:
        assert forget_mail_before(session, NOW + timedelta(days=1)) == 1
        assert forget_mail_before(session, NOW + timedelta(days=1)) == 0
    sent, waiting = outbox.mails()
    assert (sent.address, sent.params) == (None, {}) and waiting.address == "later@town.example"


def test_each_wait_is_twice_the_one_before_spread_by_chance_up_to_a_bound() -> None:
    assert wait_after(0, 0.5) * 2 == wait_after(1, 0.5)
    assert wait_after(3, 0.0) * 3 == wait_after(3, 1.0)
    assert wait_after(10_000, 0.5) == wait_after(MOST_TRIES, 0.5) == timedelta(hours=4)


def test_a_letter_that_cannot_be_written_is_dead_and_stops_nobody_else(outbox: Outbox) -> None:
    account = outbox.account()
    with outbox.store.writing() as session:
        params = GROUP | {"link": "javascript:alert(1)"}
        queue_mail(session, "member_added", to=account, language="en", params=params, now=NOW)
    outbox.sign_in("after@town.example")
    outbox.postman.send_due()
    assert outbox.states() == ["dead", "sent"]
