"""Write a mail: its kind's blocks in the reader's language, as plain text, as HTML, and as one message of both."""

import quopri
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from geocommons.errors import InvalidInput
from geocommons.files.mail.letters import DIGEST, KINDS, Block, BlockKind
from geocommons.language import SOURCE_LANGUAGE, mark, translate

MOST_SIGNS = 120
"""A name longer than this is cut: a letter is no place for ten thousand signs."""
PLAIN_SIGNS = 60
SPECIAL = frozenset('()<>[]:;@\\,."=?')
"""What a name before an address may not hold as it is (RFC 5322), and what looks encoded."""
JOINERS = "\u200c\u200d"
"""Invisible, and yet part of how Persian and some emoji are written."""
WHY = mark("You get this mail because of your account in {title}.")
LEAVE = mark("No longer get this kind of mail")
CHOOSE = mark("Choose what mail you get, and when")


@dataclass(frozen=True)
class Piece:
    """A block that was filled: what it says, and the link, the code or the lines that it shows."""

    kind: BlockKind
    text: str
    shows: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Letter:
    """A mail as its reader sees it."""

    language: str
    subject: str
    pieces: tuple[Piece, ...]
    text: str
    html: str


@dataclass(frozen=True)
class Frame:
    """What every letter of a register shares; `leave` and `choose` are links, empty in mail that is essential."""

    title: str
    imprint: str = ""
    leave: str = ""
    choose: str = ""


def clean(text: str) -> str:
    """Return a text in one line, without the signs that nobody sees but that turn, hide or forge what is read."""
    plain = text.isascii() and text.isprintable()
    kept = text if plain else "".join(map(_kept, unicodedata.normalize("NFC", text)))
    line = " ".join(kept.split()).replace("://", ": //")  # a name never becomes a link
    return line if len(line) <= MOST_SIGNS else line[: MOST_SIGNS - 1].rstrip() + "…"


def _kept(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category[0] == "C" and sign not in JOINERS else sign


def write_letter(kind: str, language: str, params: Mapping[str, Any], frame: Frame) -> Letter:
    """Return a mail in a language, as text and as HTML, from the one list of blocks of its kind."""
    subject = _fill(KINDS[kind].subject, language, params, frame)
    pieces = tuple(_pieces(kind, language, params, frame))
    links = ((LEAVE, frame.leave), (CHOOSE, frame.choose))
    leave = [(translate(words, language), link) for words, link in links if link]
    why = translate(WHY, language).format(title=clean(frame.title)) if leave else ""
    context = {
        "language": language, "subject": subject, "pieces": pieces, "why": why, "leave": leave,
        "title": clean(frame.title), "imprint": frame.imprint.strip(),
    }  # fmt: skip
    text, html = (_template(name).render(context) for name in ("letter.txt", "letter.html"))
    return Letter(language, subject, pieces, text, html)


def _pieces(kind: str, language: str, params: Mapping[str, Any], frame: Frame) -> Iterator[Piece]:
    yield from (_piece(block, language, params, frame) for block in KINDS[kind].blocks)
    if kind == DIGEST:
        for mail in params["mails"]:
            yield Piece("heading", _fill(KINDS[mail["kind"]].subject, language, mail["params"], frame))
            yield from _pieces(mail["kind"], language, mail["params"], frame)


def _piece(block: Block, language: str, params: Mapping[str, Any], frame: Frame) -> Piece:
    text = _fill(block.sentence, language, params, frame)
    if block.kind == "button":
        return Piece(block.kind, text, shows=_link(params[block.shows]))
    if block.kind == "list":
        return Piece(block.kind, text, lines=tuple(_said(line, language) for line in params[block.shows]))
    return Piece(block.kind, text, shows=_said(params[block.shows], language) if block.shows else "")


def _fill(sentence: str, language: str, params: Mapping[str, Any], frame: Frame) -> str:
    said = {name: _said(value, language) for name, value in params.items() if not isinstance(value, list)}
    return translate(sentence, language).format(**said, title=clean(frame.title))


def _said(value: Any, language: str) -> str:
    """Return a value as a letter says it; `Words` come out of the database as a plain dictionary."""
    if isinstance(value, dict):
        value = value.get(language, value[SOURCE_LANGUAGE])
    return clean(str(value))


def _link(value: str) -> str:
    if not re.fullmatch(r"https?://[!-~]+", value) or set(value) & set("<>\"'`"):
        raise ValueError("a button leads to an http address")
    return value


@cache
def _template(name: str) -> Template:
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=name.endswith(".html"),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return env.get_template(name)


def write_message(letter: Letter, *, to: str, sender: str, message_id: str, at: datetime, leave: str = "") -> bytes:
    """Return a letter as a message with both texts; `leave` is the address of its one-click unsubscription (RFC 8058).

    The same letter with the same `message_id` and `at` is the same bytes, whenever it is written. It is put together
    from plain parts: the standard library's way, which parses each header that it writes, took four times as long.
    """
    name, address = read_sender(sender)
    boundary = f"={message_id}="
    headers = {
        "From": f"{_words(name)} <{address}>" if name else address,
        "To": to,
        "Subject": _words(letter.subject),
        "Date": format_datetime(at),
        "Message-ID": f"<{message_id}@{address.rpartition('@')[2]}>",
        "Content-Language": letter.language,
        "Auto-Submitted": "auto-generated",
        **({"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if leave else {}),
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    for header, value in headers.items():
        if "\r" in value or "\n" in value.replace("\n ", ""):
            raise ValueError(f"a line break in the header {header}")
    lines = [f"{header}: {value}" for header, value in headers.items()]
    for kind, text in (("plain", letter.text), ("html", letter.html)):
        lines += ["", f"--{boundary}", f'Content-Type: text/{kind}; charset="utf-8"']
        lines += ["Content-Transfer-Encoding: quoted-printable", "", quopri.encodestring(text.encode()).decode("ascii")]
    lines += [f"--{boundary}--", ""]
    return "\n".join(lines).replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _words(text: str) -> str:
    """Return the words of a header as mail carries them, folded: in RFC 2047's way where they are not ASCII."""
    if text.isascii() and len(text) <= PLAIN_SIGNS and not set(text) & SPECIAL:
        return text
    return Header(text, "utf-8", maxlinelen=70).encode()


def to_wire(address: str) -> str:
    """Return an address as mail servers take it: its host in ASCII, where it has such a form."""
    name, _, host = address.rpartition("@")
    try:
        return f"{name}@{host.encode('idna').decode()}"
    except UnicodeError:
        return address


def read_sender(text: str) -> tuple[str, str]:
    """Return name and address of a sender, or refuse."""
    name, address = parseaddr(text)
    if "@" not in address.strip("@") or clean(text) != text.strip():
        raise InvalidInput("GEOCOMMONS_MAIL_FROM is “{value}”. Write it like Name <name@example.org>.", value=text)
    return name, address
