"""Mail: one message in the outbox, written in the transaction that causes it."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from geocommons.language import Words
from geocommons.model.base import Base

MailState = Literal["held", "waiting", "sending", "sent", "joined", "dead", "dropped"]
"""`held` obeys digest and quiet hours first; `joined` went out inside a digest; `dropped` is no longer wanted."""

STATE_WORDS: dict[MailState, Words] = {
    "held": Words(en="Held for the right hour", nl="Wacht op het juiste uur"),
    "waiting": Words(en="Waiting", nl="Wacht"),
    "sending": Words(en="Being sent", nl="Wordt verzonden"),
    "sent": Words(en="Sent", nl="Verzonden"),
    "joined": Words(en="Sent inside a digest", nl="Verzonden in een verzamelbrief"),
    "dead": Words(en="Failed", nl="Mislukt"),
    "dropped": Words(en="Dropped", nl="Vervallen"),
}


class Mail(Base):
    """A message that waits, was sent, or could not be.

    `kind` names its words (`geocommons.files.mail.letters`), `params` fill them; `essential` ones ignore digest and
    quiet hours. An account's mail goes to the address of the account, other mail to its own `address`. `message_id` is
    what its Message-ID is made from, once, so that a message which is sent again after a fault is the same message to
    every reader. `claimed_until` is when a sender that said nothing more is taken for dead; after `useful_until` its
    words are no longer true.
    """

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_state_next_try_at", "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    address: Mapped[str | None]
    kind: Mapped[str]
    language: Mapped[str]
    params: Mapped[dict[str, Any]]
    essential: Mapped[bool]
    state: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    useful_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
