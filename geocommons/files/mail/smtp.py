"""Hand messages to an SMTP server: over TLS, one connection for many, and with its own words where it says no."""

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from geocommons.errors import InvalidInput

DEFAULT_PORTS = {"smtp": 587, "smtps": 465}
MOST_SIGNS = 300
ANSWERS_FOR_ONE_MAIL = 5
"""How often one message waits for the server, once connected: MAIL, RCPT, DATA, the message, and QUIT or RSET."""


@dataclass(eq=False)
class Refused(Exception):
    """The server did not take a message: for good, or for now; `words` are its own."""

    words: str
    for_good: bool


@dataclass(eq=False)
class LineLost(Exception):
    """The server cannot be reached, does not let us in, or fell silent; what was being sent may have arrived."""

    words: str


@dataclass(frozen=True)
class ServerAddress:
    """Where mail is handed over; `tls` from the first byte (smtps), or asked for with STARTTLS."""

    host: str
    port: int
    tls: bool
    user: str
    password: str

    @property
    def is_this_machine(self) -> bool:
        """Whether the way there leaves this machine: only if it does not may it go without TLS."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def read_mail_url(url: str) -> ServerAddress:
    """Return the server that a URL names, or refuse; the refusal never repeats the password."""
    parts = urlsplit(url)
    try:
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        if not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError
    except (KeyError, ValueError):
        raise InvalidInput(
            "GEOCOMMONS_MAIL_URL is not of the form smtp://user:password@host:587 or smtps://user:password@host:465."
        ) from None
    return ServerAddress(
        parts.hostname, port, parts.scheme == "smtps", unquote(parts.username or ""), unquote(parts.password or "")
    )


class MailServer:
    """One line to an SMTP server, opened when it is needed; certificates are verified against the system's own."""

    def __init__(self, address: ServerAddress, *, name: str, timeout_s: float) -> None:
        self._address, self._name, self._timeout_s = address, name, timeout_s
        self._line: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect, or find that the line still holds; raise `LineLost`."""
        if self._line is not None and not self._is_alive(self._line):
            self.close()
        if self._line is None:
            try:
                self._line = self._connect()
            except (OSError, smtplib.SMTPException) as error:
                raise LineLost(_words(error)) from error

    def send(self, message: bytes, *, sender: str, to: str) -> None:
        """Hand over one message to one reader; raise `Refused`, or `LineLost`, after which the line is closed."""
        if self._line is None:
            raise LineLost("not connected")
        try:
            self._line.sendmail(sender, [to], message, [] if to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"])
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refused(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPResponseException as error:
            raise self._refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPNotSupportedError, ValueError) as error:  # an address that the server or SMTP cannot take
            raise Refused(_words(error), for_good=True) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise LineLost(_words(error)) from error

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def quit(self) -> None:
        """Say goodbye and hang up."""
        try:
            if self._line is not None:
                self._line.quit()
        except (OSError, smtplib.SMTPException):
            pass
        self.close()

    def _connect(self) -> smtplib.SMTP:
        context, at = ssl.create_default_context(), self._address
        if at.tls:
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                at.host, at.port, self._name, timeout=self._timeout_s, context=context
            )
        else:
            line = smtplib.SMTP(at.host, at.port, self._name, timeout=self._timeout_s)
        try:
            line.ehlo_or_helo_if_needed()
            if not at.tls and (line.has_extn("starttls") or not at.is_this_machine):
                line.starttls(context=context)
            if at.user:
                line.login(at.user, at.password)
        except BaseException:
            line.close()
            raise
        return line

    def _is_alive(self, line: smtplib.SMTP) -> bool:
        try:
            return line.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _refused(self, code: int, words: bytes | str) -> Exception:
        said = f"{code} {_text(words)}"
        if code == 421 or self._line is None or self._line.sock is None:
            self.close()
            return LineLost(said)
        return Refused(said, for_good=code >= 500)


def _words(error: Exception) -> str:
    """Return what went wrong in the words of whoever said it, in one short line."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return _text(str(error) or type(error).__name__)


def _text(words: bytes | str | Sequence[object]) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()[:MOST_SIGNS]
