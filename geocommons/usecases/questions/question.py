"""Question: what an analysis is asked, read from a form, the shell or JSON by one set of rules."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from geopandas import GeoDataFrame
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy.orm import Session

from geocommons.errors import InvalidInput
from geocommons.language import Words
from geocommons.model.base import MOST_ID, refuse_far_day
from geocommons.store.desk import get_scenario
from geocommons.usecases.misfit import misfit

if TYPE_CHECKING:
    from geocommons.usecases.questions.inputs import Inputs

DECIMALS = 3
Asked = TypeVar("Asked", bound="Question")


class Progress(Protocol):
    """Told how far a computing is (0 to 1) and what it does now; raises `Cancelled` where somebody called it off."""

    def __call__(self, share: float, step: str = "") -> None:
        """Note the progress."""


def no_progress(share: float, step: str = "") -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True)
class Answer:
    """What an analysis found: figures as JSON has them, and frames in EPSG:4326 by name."""

    result: dict[str, Any]
    frames: Mapping[str, GeoDataFrame] = field(default_factory=dict)


Compute = Callable[[Progress], Answer]


def number(value: float | None) -> float | int | None:
    """Return a figure with at most 3 decimals, whole ones as integers; what is no number is None."""
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return None
    rounded = round(float(value), DECIMALS)
    return int(rounded) if rounded.is_integer() else rounded


def stretch(progress: Progress, low: float, high: float) -> Progress:
    """Return the progress of a step that takes the whole from one share to another."""
    return lambda share, step="": progress(low + (high - low) * share, step)


def parameter(
    default: Any, title: Words, hint: Words, *, of: str = "", choices: Mapping[str, Words] | None = None, **limits: Any
) -> Any:
    """Return a field of a question: what a form calls it, the help beside it, and the words of its choices.

    `of` says what it is a choice of, where the register knows the choices: "layers", "measured layers", "tenures",
    "groups", "standards", "scenarios", "runs". `limits` are pydantic's (`gt`, `ge`, `le`).
    """
    extra: Any = {"title": dict(title), "hint": dict(hint), "of": of, "choices": dict(choices or {})}
    return Field(default, title=str(title), description=str(hint), json_schema_extra=extra, **limits)


class Question(BaseModel, ABC):
    """What is asked of the register on a day; each kind of analysis has one, and every door draws its form from it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    kind: ClassVar[str]
    by_many: ClassVar[bool] = False
    """Whether the workers of a Dask scheduler can answer it; that is no part of what is asked."""

    at: date = parameter(
        ...,
        Words(en="As of", nl="Op"),
        Words(en="The day on which the register is looked at.", nl="De dag waarop naar het register wordt gekeken."),
    )
    scenario: int | None = parameter(
        None,
        Words(en="Scenario", nl="Scenario"),
        Words(
            en="Changes that are made to the register of that day first.",
            nl="Wijzigingen die eerst in het register van die dag worden gemaakt.",
        ),
        of="scenarios",
        ge=1,
        le=MOST_ID,
    )

    @model_validator(mode="after")
    def _countable(self) -> "Question":
        for name in type(self).model_fields:
            if isinstance(day := getattr(self, name), date):
                refuse_far_day(day)
        return self

    @property
    def params(self) -> dict[str, Any]:
        """The question as a run keeps it."""
        return self.model_dump(mode="json")

    def refuse_missing(self, session: Session) -> None:
        """Refuse a question that names what the register does not have, before it waits for its turn."""
        if self.scenario is not None:
            get_scenario(session, self.scenario)

    @abstractmethod
    def prepare(self, inputs: "Inputs") -> Compute:
        """Load what the answer stands on, and return what computes the answer from it."""


def read_question(question: type[Asked], values: Mapping[str, Any], *, today: date) -> Asked:
    """Return the question that some values ask, of today where they name no day; what is empty counts as left out.

    Raises `InvalidInput` with one sentence about the first value that does not fit.
    """
    given = {name: value for name, value in values.items() if not _is_empty(value)}
    try:
        return question.model_validate({"at": today, **given})
    except ValidationError as error:
        raise _refusal(question, error) from error


def _is_empty(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, Sequence) and len(value) == 0)


def _refusal(question: type[Question], error: ValidationError) -> InvalidInput:
    """Return the first problem as a sentence."""
    problem = error.errors(include_url=False)[0]
    name = str(problem["loc"][0] if problem["loc"] else "")
    words = field_words(question, name) if name in question.model_fields else name
    said = misfit(problem, words, ", ".join(question.model_fields))
    return InvalidInput(said.sentence, **said.params)


def field_words(question: type[Question], name: str, part: str = "title") -> Words:
    """Return what a field is called (its `title`) or the help beside it (its `hint`), in each language."""
    extra = question.model_fields[name].json_schema_extra
    assert isinstance(extra, dict)
    return Words(**extra[part])  # type: ignore[arg-type]
