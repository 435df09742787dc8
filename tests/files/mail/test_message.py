"""A letter says the same as text and as HTML, in both languages, and carries nothing that it was not meant to."""

from email import message_from_bytes, policy
from typing import Any

import pytest

from geocommons.files.mail.letters import KINDS
from geocommons.files.mail.message import Frame, clean, write_letter, write_message
from tests.make import NOW

NEWS = {"by": "Ada", "group": "Otters", "link": "https://town.example/groups/3"}
TRICKY = "Eve\r\nBcc: all@town.example\u2028\u202egnp.exe\u0000 <script>alert(1)</script> https://evil.example"


def params_of(kind: str) -> dict[str, Any]:
    """Return something for each gap of a kind of mail."""
    links = {block.shows for block in KINDS[kind].blocks if block.kind == "button"}
    given = {"mails": [{"kind": "member_added", "params": NEWS}], "role": {"en": "Staff", "nl": "Medewerker"}}
    return {gap: NEWS["link"] if gap in links else given.get(gap, f"a {gap}") for gap in KINDS[kind].gaps}


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("kind", KINDS)
def test_both_texts_of_every_kind_say_every_piece(kind: str, language: str) -> None:
    letter = write_letter(kind, language, params_of(kind), Frame("Town"))
    assert letter.pieces
    for piece in letter.pieces:
        for said in filter(None, (piece.text, piece.shows, *piece.lines)):
            assert said in letter.text and said in letter.html
    assert "{" not in letter.text + letter.subject


def test_each_kind_is_in_dutch_for_dutch_readers() -> None:
    for kind in KINDS:
        english, dutch = (write_letter(kind, language, params_of(kind), Frame("Town")) for language in ("en", "nl"))
        assert english.subject != dutch.subject and english.text != dutch.text


def test_a_name_adds_no_header_no_markup_no_link_and_turns_no_text() -> None:
    letter = write_letter("member_added", "en", NEWS | {"group": TRICKY, "by": TRICKY}, Frame(TRICKY))
    message = write_message(letter, to="a@town.example", sender="T <t@town.example>", message_id="m", at=NOW)
    received = message_from_bytes(message, policy=policy.default)
    assert received["Bcc"] is None and received["To"] == "a@town.example"
    for text in (received["Subject"], letter.text, letter.html):
        assert not {"\u202e", "\u2028", "\x00", "\r"} & set(text)
        assert "https://evil" not in text
    assert "<script" not in letter.html


def test_a_name_of_ten_thousand_signs_is_cut_and_scripts_that_join_letters_are_kept() -> None:
    assert len(clean("x" * 10_000)) <= 120
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


def test_a_subject_of_any_script_arrives_as_it_was() -> None:
    letter = write_letter("member_added", "en", NEWS | {"group": "Żółwie 🐢 " * 9}, Frame("Town"))
    message = write_message(letter, to="a@town.example", sender="Tøwn <t@town.example>", message_id="m", at=NOW)
    raw = message
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998
    received = message_from_bytes(raw, policy=policy.default)
    assert received["Subject"] == letter.subject and received["From"] == "Tøwn <t@town.example>"


def test_a_button_leads_to_the_web_and_nowhere_else() -> None:
    for link in ("javascript:alert(1)", "https://a b", 'https://a"b', "ftp://a", "https://a\nb"):
        with pytest.raises(ValueError, match="http"):
            write_letter("member_added", "en", NEWS | {"link": link}, Frame("Town"))
