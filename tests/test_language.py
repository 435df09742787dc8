"""Sentences are said in the language of their reader."""

from geocommons.language import Say, mark


def test_a_sentence_is_said_in_one_language_with_its_gaps_filled() -> None:
    sentence = mark("The first {shown} of {all} rows; the CSV has all.")
    assert Say("en")(sentence, shown=40, all=50) == "The first 40 of 50 rows; the CSV has all."
    dutch = Say("nl")(sentence, shown=40, all=50)
    assert "40" in dutch and "50" in dutch and "{" not in dutch and dutch != Say("en")(sentence, shown=40, all=50)


def test_a_sentence_that_nobody_translated_is_said_as_it_is() -> None:
    assert Say("nl")("Nobody translated {this}.", this="it") == "Nobody translated it."
