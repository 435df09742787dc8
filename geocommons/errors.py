"""Every refusal: one class and one sentence each, in English, ready to be translated at the door."""

from typing import ClassVar


class GeoCommonsError(Exception):
    """A refusal that a person reads: a sentence with named gaps, and what fills them.

    The sentence is a gettext message id (`geocommons/locale`), so a door can say it in the
    reader's language with `geocommons.language.say(error, language)`.
    """

    sentence: str
    params: dict[str, object]

    def __init__(self, sentence: str, **params: object) -> None:
        self.sentence = sentence
        self.params = params
        super().__init__(sentence.format(**params))


class NotFound(GeoCommonsError):
    """What was asked for is not in the register."""


class UnreadableFile(GeoCommonsError):
    """A file cannot be read at all, or not without guessing."""


class UnknownCRS(UnreadableFile):
    """A file does not say which CRS it is in, or says it wrongly."""


class InvalidInput(GeoCommonsError):
    """An argument is not of the form that was asked for."""


class InvalidFeature(GeoCommonsError):
    """A feature breaks a rule of its layer."""

    column: ClassVar[str] = "geometry"


class Conflict(GeoCommonsError):
    """The register does not allow this now: something else holds the place or the name."""


class NotReady(GeoCommonsError):
    """A part that this needs is missing: a context set, a database, a built page."""


class NotSignedIn(GeoCommonsError):
    """Nobody is signed in, and this needs somebody who is."""


class NotAllowed(GeoCommonsError):
    """Who asks may not do this."""


class NotConfirmed(NotAllowed):
    """Who asks may do this, after showing once more who they are."""


class Spent(GeoCommonsError):
    """A link or a code was used already, or its time is over."""


class TooMany(GeoCommonsError):
    """This was tried too often; `retry_after_s` says when it may be tried again."""

    def __init__(self, sentence: str, *, retry_after_s: int, **params: object) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(sentence, **params)
