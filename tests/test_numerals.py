"""Opening hours for readers; the other numerals are tested where they are written."""

import pytest

from geocommons.numerals import opening_words


@pytest.mark.parametrize(
    ("hours", "language", "said"),
    [
        ("We,Sa 10:00-16:00", "en", "Wed, Sat 10:00 – 16:00"),
        ("We,Sa 10:00-16:00", "nl", "wo, za 10:00 – 16:00"),
        ("Mo-Su sunrise-sunset", "nl", "ma – zo zonsopkomst – zonsondergang"),
        ("Apr-Oct Mo-Su 09:00-19:00", "nl", "apr – okt ma – zo 09:00 – 19:00"),
        ("Mo 10:00-12:00; Tu 09:00-11:00", "en", "Mon 10:00 – 12:00; Tue 09:00 – 11:00"),
        ("when it is dry", "nl", "when it is dry"),
        ("Monday mornings", "en", "Monday mornings"),
    ],
)
def test_opening_hours_are_read_in_words_and_left_as_they_are_where_they_are_no_code(
    hours: str, language: str, said: str
) -> None:
    assert opening_words(hours, language) == said
