"""What pydantic finds is said in our own sentences, in each language, and never in its English."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from geocommons.language import Sentence, Words
from geocommons.usecases.misfit import misfit

SIZE = Words(en="Size", nl="Maat")


def wild(value: int) -> int:
    raise ValueError(Words(en="Nobody keeps lions.", nl="Niemand houdt leeuwen."))


def plain(value: int) -> int:
    raise ValueError("lions {roar}")


def found(kind: Any, value: object) -> Sentence:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    return misfit(refused.value.errors()[0], SIZE)


@pytest.mark.parametrize(
    ("kind", "value", "english", "dutch"),
    [
        (Annotated[int, Field(ge=0)], -1, "Size must be 0 or more, not -1.", "Maat moet 0 of meer zijn, niet -1."),
        (Annotated[float, Field(gt=0)], 0, "Size must be more than 0, not 0.", "Maat moet meer zijn dan 0, niet 0."),
        (
            Annotated[float, Field(le=0.5)], 3, "Size must be 0.5 or less, not 3.",
            "Maat moet 0,5 of minder zijn, niet 3.",
        ),
        (Annotated[int, Field(lt=9)], 9, "Size must be less than 9, not 9.", "Maat moet minder zijn dan 9, niet 9."),
        (int, "1.5", "“1.5” is not a whole number for Size.", "“1.5” is geen heel getal voor Maat."),
        (float, "much", "“much” is not a number for Size.", "“much” is geen getal voor Maat."),
        (bool, "maybe", "“maybe” is neither yes nor no for Size.", "“maybe” is ja noch nee voor Maat."),
        (
            date, "soon",
            "“soon” is not a day. Write it like 2024-05-01.",
            "“soon” is geen dag. Schrijf hem als 2024-05-01.",
        ),
        (
            Annotated[str, Field(max_length=2)], "abc",
            "“abc” is too long for Size, which has 2 signs at most.",
            "“abc” is te lang voor Maat: dat heeft hoogstens 2 tekens.",
        ),
        (
            Literal["a", "b", "c"], "d",
            "“d” is not a choice for Size. Choose one of: 'a', 'b', 'c'.",
            "“d” is geen keuze voor Maat. Kies uit: 'a', 'b', 'c'.",
        ),
        (
            Annotated[str, Field(pattern="^x$")], "y",
            "“y” does not fit Size. Correct it, or leave it out.",
            "“y” past niet bij Maat. Verbeter het, of laat het weg.",
        ),
        (
            Annotated[int, AfterValidator(wild)], 1,
            "“1” does not fit Size: Nobody keeps lions.",
            "“1” past niet bij Maat: Niemand houdt leeuwen.",
        ),
        (
            Annotated[int, AfterValidator(plain)], 1,
            "“1” does not fit Size: lions {roar}",
            "“1” past niet bij Maat: lions {roar}",
        ),
    ],
)  # fmt: skip
def test_a_misfit_is_one_sentence_in_each_language(kind: Any, value: object, english: str, dutch: str) -> None:
    said = found(kind, value)
    assert (said, said.say("nl")) == (english, dutch)
