"""What a name may be, and what a party agreed to."""

import pytest

from geocommons.errors import InvalidInput
from geocommons.model.party import Party, read_name
from geocommons.model.public import public_name
from tests.make import NOW


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Jan   de\tVries ", "Jan de Vries"),
        ("Jan\u202e\u200b de\u2066 Vries\u2069", "Jan de Vries"),
        ("Jose\u0301", "José"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Zero\x00 Byte\r\nBcc: x", "Zero Byte Bcc: x"),
        ("Đặng Thị Ngọc", "Đặng Thị Ngọc"),
        ("O'Neill & Söhne (1998)", "O'Neill & Söhne (1998)"),
    ],
)
def test_a_name_is_kept_without_what_cannot_be_seen(written: str, kept: str) -> None:
    assert read_name(written) == kept


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "needs a letter"),
        ("\u200d\u202e \u200b", "needs a letter"),
        ("---", "needs a letter"),
        ("x" * 10_000, "10000 signs"),
        ("x" * 121, "121 signs"),
        ("<script>alert(1)</script>", "cannot hold"),
        ("Z" + "\u0301\u0302\u0303\u0304\u0305" + "algo", "marks on one letter"),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused_with_one_sentence(written: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_name(written)


def test_a_person_is_named_after_agreeing_and_not_after_withdrawing() -> None:
    person = Party(kind="person", name="Jan")
    assert public_name(person) is None
    assert person.agree("map", NOW, "page")
    assert (public_name(person), public_name(person, "directory")) == ("Jan", None)
    assert not person.agree("map", NOW, "page")
    assert person.withdraw("map", NOW, "page")
    assert public_name(person) is None
    assert [consent.withdrawn_at for consent in person.consents] == [NOW]


def test_a_group_is_named_without_being_asked_until_it_withdraws() -> None:
    group = Party(kind="group", name="Otters", public_name="The Otters")
    assert public_name(group) == "The Otters"
    assert group.withdraw("map", NOW, "page")
    assert (public_name(group), public_name(group, "reports")) == (None, "The Otters")
    assert group.agree("map", NOW, "page")
    assert public_name(group) == "The Otters"
