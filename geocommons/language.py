"""Words in the reader's language: gettext catalogues for sentences, `Words` for what a layer brings itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Protocol, TypeGuard

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from geocommons.errors import GeoCommonsError

SOURCE_LANGUAGE = "en"
CATALOGUES = Path(__file__).parent / "locale"


class Words(dict[str, str]):
    """One text in several languages, English at least: `Words(en="Gardens", nl="Tuinen")`."""

    def __init__(self, *, en: str, **others: str) -> None:
        super().__init__(en=en, **others)

    def say(self, language: str) -> str:
        """Return the text in a language, or in English where it was not translated."""
        return self.get(language, self[SOURCE_LANGUAGE])

    def __str__(self) -> str:
        """Return the text in English, as the sentences of refusals are kept."""
        return self[SOURCE_LANGUAGE]

    def __format__(self, form: str) -> str:
        """Return the text in English, formatted."""
        return format(str(self), form)


class Sayable(Protocol):
    """What a sentence may be filled with that reads otherwise in each language."""

    def say(self, language: str) -> str:
        """Return it in a language."""


def is_sayable(part: object) -> TypeGuard[Sayable]:
    """Return whether something reads otherwise in each language; to ask the protocol itself takes 300 times as long."""
    return hasattr(part, "say")


class Sentence(str):
    """A sentence with named gaps and what fills them, as a refusal has it: English as text, any language when said."""

    sentence: str
    params: dict[str, object]

    def __new__(cls, sentence: str, **params: object) -> "Sentence":
        """Return a sentence filled in English, which remembers what it was made of."""
        made = super().__new__(cls, sentence.format(**params))
        made.sentence, made.params = sentence, params
        return made

    @classmethod
    def of(cls, error: GeoCommonsError) -> "Sentence":
        """Return what a refusal says."""
        return cls(error.sentence, **error.params)

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Return what a copy is made of."""
        return (self.sentence,), self.params

    def say(self, language: str) -> str:
        """Return the sentence in a language."""
        return _fill(self.sentence, self.params, language)


@dataclass(frozen=True)
class Choices:
    """Codes that a person may type, each with what it is called beside it, where that is another word."""

    words: Mapping[str, Sayable]

    def say(self, language: str) -> str:
        """Return the codes in their order, with what they are called in a language."""
        called = ((code, words.say(language)) for code, words in self.words.items())
        return ", ".join(code if code == word else f"{code} ({word})" for code, word in called)

    def __str__(self) -> str:
        """Return the codes with what they are called in English, as the sentences of refusals are kept."""
        return self.say(SOURCE_LANGUAGE)


@cache
def catalogue(language: str) -> Catalog | None:
    """Return the catalogue of a language, or None for English, in which sentences are written."""
    path = CATALOGUES / f"{language}.po"
    if language == SOURCE_LANGUAGE or not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=language)


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of every language there is a catalogue for, English first."""
    return (SOURCE_LANGUAGE, *sorted(path.stem for path in CATALOGUES.glob("*.po")))


def translate(sentence: str, language: str) -> str:
    """Return a sentence in a language, or as it is where nobody translated it yet."""
    found = catalogue(language)
    message = found.get(sentence) if found else None
    return str(message.string) if message and message.string else sentence


def translate_plural(one: str, many: str, count: float, language: str) -> str:
    """Return the form of a sentence that fits a count, in a language."""
    found = catalogue(language)
    message = found.get(one) if found else None
    if not found or not message or not isinstance(message.string, tuple) or not all(message.string):
        return one if count == 1 else many
    return str(message.string[c2py(found.plural_expr)(int(count))])


@dataclass(frozen=True)
class Say:
    """Says marked sentences in one language: `say(mark("{count} sites"), count=3)`."""

    language: str

    def __call__(self, sentence: str, **gaps: object) -> str:
        """Return a sentence in the language, its gaps filled."""
        return _fill(sentence, gaps, self.language)


def mark(sentence: str) -> str:
    """Return a sentence as it is: whoever collects sentences for translators finds it by this call."""
    return sentence


def say(error: GeoCommonsError, language: str) -> str:
    """Return a refusal as one sentence in a language."""
    return _fill(error.sentence, error.params, language)


def _fill(sentence: str, params: Mapping[str, object], language: str) -> str:
    said = {name: part.say(language) if is_sayable(part) else part for name, part in params.items()}
    return translate(sentence, language).format(**said)


def pick_language(accepted: str | None) -> str:
    """Return the first language of an Accept-Language header (or of $LANG) that there is a catalogue for."""
    for part in (accepted or "").replace("_", "-").split(","):
        code = part.split(";")[0].strip().split("-")[0].lower()
        if code in languages():
            return code
    return SOURCE_LANGUAGE


def language_name(code: str) -> str:
    """Return a language's own name for itself, as a language switch shows it."""
    return (Locale.parse(code).get_display_name(code) or code).capitalize()
