"""What a run keeps of why it failed can be said in any language, whoever asked."""

from geocommons.errors import InvalidInput
from geocommons.language import Sentence, Words
from geocommons.model.run import Run
from geocommons.numerals import Amount
from geocommons.usecases.runs.keep import _kept, error_words


def test_a_kept_refusal_is_said_with_its_numbers_and_its_inner_sentences_in_each_language() -> None:
    kept = _kept(
        InvalidInput(
            "The stretch from {from_m} to {to_m} m is not on the line, which runs from 0 to {length_m} m.",
            from_m=Amount(1234.5, 1), to_m=Sentence("further notice"), length_m=Words(en="Gardens", nl="Tuinen"),
        )
    )  # fmt: skip
    run = Run(error=kept)
    english = "The stretch from 1,234.5 to further notice m is not on the line, which runs from 0 to Gardens m."
    assert error_words(run, "en") == english
    dutch = "Het stuk van 1.234,5 tot nader bericht m ligt niet op de lijn, die van 0 tot Tuinen m loopt."
    assert error_words(run, "nl") == dutch
