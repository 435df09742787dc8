"""Send what is due: claim it, hand it over, and note what became of each before the next."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from geocommons.files.mail.letters import KINDS
from geocommons.files.mail.message import Frame, read_sender, to_wire, write_letter, write_message
from geocommons.files.mail.smtp import ANSWERS_FOR_ONE_MAIL, LineLost, MailServer, Refused, read_mail_url
from geocommons.language import mark
from geocommons.model.mail import MailState
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.store.mail import Claim, claim_due, next_due, return_lapsed, settle
from geocommons.usecases.mail.digest import release_held
from geocommons.usecases.mail.hours import after_quiet, read_zone
from geocommons.usecases.mail.queue import BELL
from geocommons.usecases.mail.wishes import unsubscribe_secret

logger = logging.getLogger(__name__)

BATCH = 50
MOST_TRIES = 20
"""With the waits between them, more than two days: longer than most mail servers are away."""
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=4)
LINES_LOST = 3
"""So many lines lost in a row, and the server is left alone for a while."""
LOOK_EVERY_S = 15.0
"""How often a sender looks for mail that another process queued."""
TOO_LATE = mark("It could not be sent while its link still worked. Whoever waits for it must ask for a new one.")
UNWRITABLE = mark("The letter could not be written from what was given.")


def wait_after(tries: int, chance: float) -> timedelta:
    """Return how long to wait after a number of tries: twice as long each time, spread by chance (0 to 1) by half."""
    doubled = FIRST_WAIT * float(2 ** min(tries, 30))
    return min(doubled, LONGEST_WAIT) * (0.5 + chance)


def frame_of(settings: Settings, claim_account_id: int | None, kind: str) -> Frame:
    """Return what a register puts around a letter; mail that is essential has nothing to unsubscribe from."""
    if claim_account_id is None or KINDS[kind].essential:
        return Frame(settings.title, settings.imprint)
    secret = unsubscribe_secret(settings, claim_account_id, kind)
    return Frame(
        settings.title, settings.imprint, f"{settings.home}/unsubscribe/{secret}", f"{settings.home}/account/mail"
    )


@dataclass(frozen=True)
class Postman:
    """Sends the mail of a register; several at once never have the same mail.

    `chance` returns numbers from 0 to 1; `stopping` says that no further mail may be begun.
    """

    store: Store
    settings: Settings
    server: MailServer
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    stopping: Callable[[], bool] = lambda: False

    def send_due(self) -> Counter[str]:
        """Send everything that is due; return how many were sent, put off, dead, dropped, and lines lost."""
        told: Counter[str] = Counter()
        release_held(self.store, self.settings, self.clock())
        losses = 0
        while losses < LINES_LOST and not self.stopping() and (batch := self._claim()):
            lost = self._send(batch, told)
            losses = losses + 1 if lost else 0
            told["lost"] += lost
        self.server.quit()
        return told

    def _claim(self) -> list[Claim]:
        now = self.clock()
        with self.store.reading() as session:
            due = next_due(session)
        if due is None or due > now:
            return []
        until = now + timedelta(seconds=2 * ANSWERS_FOR_ONE_MAIL * self.settings.mail_timeout_s)
        with self.store.keeping() as session:
            return_lapsed(session, now)
            return claim_due(session, now, until, BATCH)

    def _send(self, batch: Sequence[Claim], told: Counter[str]) -> bool:
        """Send a batch, and give back what was not begun; return whether the line was lost."""
        for at, claim in enumerate(batch):
            if self.stopping() or not self._has_time(claim):
                self._give_back(batch[at:])
                return False
            try:
                if at == 0:
                    self.server.open()
                told[self._deliver(claim)] += 1
            except LineLost as lost:
                # Whether the server is away or this mail makes it hang up: this one waits, the rest keep their turn.
                logger.warning("The mail server was lost; mail %d is put off", claim.id)
                told[self._put_off(claim, lost.words)] += 1
                self._give_back(batch[at + 1 :])
                return True
        return False

    def _has_time(self, claim: Claim) -> bool:
        """Whether one mail can be sent, however slowly, before its claim lapses."""
        slowest = timedelta(seconds=(ANSWERS_FOR_ONE_MAIL + 1) * self.settings.mail_timeout_s)
        return self.clock() + slowest < claim.until

    def _deliver(self, claim: Claim) -> str:
        """Send one mail, and return what became of it."""
        if ended := self._unsendable(claim):
            return ended
        assert claim.address is not None
        try:
            message = self._write(claim, claim.address)
        except (ValueError, LookupError):
            return self._end(claim, "dead", error=UNWRITABLE)
        try:
            self.server.send(message, sender=read_sender(self.settings.mail_from)[1], to=to_wire(claim.address))
        except Refused as refused:
            if not refused.for_good:
                return self._put_off(claim, refused.words)
            return self._end(claim, "dead", error=refused.words, tries=claim.tries + 1)
        open_to_all = {name: value for name, value in claim.params.items() if name not in KINDS[claim.kind].secrets}
        return self._end(claim, "sent", sent_at=self.clock(), error=None, tries=claim.tries + 1, params=open_to_all)

    def _unsendable(self, claim: Claim) -> str:
        """Return what becomes of a mail that is not sent now, or nothing; what was known at its claim decides."""
        now = self.clock()
        unwanted = claim.account is not None and claim.kind in claim.account.unsubscribed
        if claim.address is None or (unwanted and not claim.essential):
            return self._end(claim, "dropped", params={})
        if claim.useful_until is not None and now > claim.useful_until:
            return self._end(claim, "dead", error=TOO_LATE)
        if claim.tries >= MOST_TRIES:
            return self._end(claim, "dead")
        if not claim.essential and claim.account is not None:
            loud_at = after_quiet(now, claim.account, read_zone(self.settings.time_zone))
            if loud_at > now:
                return self._end(claim, "held", next_try_at=loud_at)
        return ""

    def _write(self, claim: Claim, address: str) -> bytes:
        frame = frame_of(self.settings, claim.account.id if claim.account else None, claim.kind)
        letter = write_letter(claim.kind, claim.language, claim.params, frame)
        return write_message(
            letter, to=address, sender=self.settings.mail_from, message_id=claim.message_id, at=claim.created_at,
            leave=frame.leave,
        )  # fmt: skip

    def _put_off(self, claim: Claim, words: str) -> str:
        tries = claim.tries + 1
        if tries >= MOST_TRIES:
            return self._end(claim, "dead", tries=tries, error=words)
        at = self.clock() + wait_after(claim.tries, self.chance())
        self._end(claim, "waiting" if claim.essential else "held", tries=tries, error=words, next_try_at=at)
        return "put off"

    def _give_back(self, claims: Sequence[Claim]) -> None:
        with self.store.keeping() as session:
            for claim in claims:
                settle(session, claim, "waiting")

    def _end(self, claim: Claim, state: MailState, **values: Any) -> str:
        """Note what became of a mail: until its claim lapses, because what is not noted is sent again."""
        while True:
            try:
                with self.store.keeping() as session:
                    settle(session, claim, state, **values)
                return state
            except OperationalError:
                if self.clock() >= claim.until:
                    raise


class MailRound(Thread):
    """A sender beside a server: sends when mail is queued or due, until it is stopped."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime]) -> None:
        super().__init__(name="send mail", daemon=True)
        self._stopping = Event()
        self._clock = clock
        self._store = store
        self._postman = make_postman(store, settings, clock, self._stopping.is_set)

    def run(self) -> None:
        """Send until stopped; a fault is logged, and waited out longer each time."""
        faults = 0
        while not self._stopping.is_set():
            rings = BELL.rings
            try:
                faults = faults + 1 if self._postman.send_due()["lost"] else 0
                BELL.wait(rings, self._rest_s(faults))
            except SQLAlchemyError as error:
                faults += 1
                logger.error("Mail cannot be sent, because the database does not answer: %s", type(error).__name__)
                self._stopping.wait(self._rest_s(faults))

    def _rest_s(self, faults: int) -> float:
        if faults:
            return wait_after(faults - 1, self._postman.chance()).total_seconds()
        with self._store.reading() as session:
            due = next_due(session)
        until_due_s = (due - self._clock()).total_seconds() if due else LOOK_EVERY_S
        return min(max(until_due_s, 0.05), LOOK_EVERY_S)

    def stop(self, timeout_s: float) -> None:
        """Finish the mail in hand and end; one that takes longer is given back as that of a killed sender is."""
        self._stopping.set()
        BELL.ring()
        self.join(timeout_s)


def check_mail(settings: Settings) -> None:
    """Refuse settings with which no mail can be sent: better before the first mail than at it."""
    read_zone(settings.time_zone)
    read_sender(settings.mail_from)
    if settings.mail_url:
        read_mail_url(settings.mail_url.get_secret_value())


def make_postman(
    store: Store, settings: Settings, clock: Callable[[], datetime], stopping: Callable[[], bool]
) -> Postman:
    """Return a sender to the mail server of the settings, or refuse settings that cannot work."""
    check_mail(settings)
    address = read_mail_url(settings.mail_url.get_secret_value())
    host = read_sender(settings.mail_from)[1].rpartition("@")[2]
    server = MailServer(address, name=host, timeout_s=settings.mail_timeout_s)
    return Postman(store, settings, server, clock, random.random, stopping)
