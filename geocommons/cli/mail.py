"""Verbs of mail: send what waits."""

import signal
from threading import Event
from typing import Annotated

import typer

from geocommons.cli.console import err, now, register, words
from geocommons.errors import NotReady
from geocommons.usecases.mail.deliver import MailRound, make_postman

mail_app = typer.Typer(help="The mail that waits in the outbox.", no_args_is_help=True)
SEND_OUT_S = 30.0


@mail_app.callback()
def _mail() -> None:
    """Keep the verbs below `mail`, even while there is one only."""


@mail_app.command("send")
def send_mail(
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, and end.")] = False,
) -> None:
    """Send the mail that waits, until stopped; several senders may run at once."""
    with register("see mail") as (store, settings):
        if not settings.mail_url.get_secret_value():
            raise NotReady("There is no mail server. Set GEOCOMMONS_MAIL_URL.")
        stopped = Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stopped.set())
        if once:
            told = make_postman(store, settings, now, stopped.is_set).send_due()
            said = words("Mail sent: {sent}, put off: {put_off}, dead: {dead}, dropped: {dropped}.")
            err.print(
                said.format(sent=told["sent"], put_off=told["put off"], dead=told["dead"], dropped=told["dropped"])
            )
            raise typer.Exit(1 if told["put off"] or told["dead"] else 0)
        sending = MailRound(store, settings, now)
        sending.start()
        stopped.wait()
        sending.stop(SEND_OUT_S)
