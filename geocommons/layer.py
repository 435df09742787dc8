"""Layer: a kind of commons, as a frozen value; found through the entry-point group "geocommons.layers"."""

import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from traceback import extract_tb
from types import MappingProxyType, ModuleType, UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from geocommons.errors import GeoCommonsError, InvalidInput, NotFound, NotReady
from geocommons.language import Sentence, Words, languages

ENTRY_POINTS = "geocommons.layers"
Facts = TypeVar("Facts", bound=BaseModel)
GeometryType = Literal["Point", "LineString", "Polygon"]
Status = Literal["available", "requested", "cared_for", "needs_help", "lapsing", "not_adoptable"]

STATUS_WORDS = MappingProxyType(
    {
        "available": Words(en="Looking for a steward", nl="Zoekt een beheerder"),
        "requested": Words(en="Asked for", nl="Aangevraagd"),
        "cared_for": Words(en="Cared for", nl="Wordt verzorgd"),
        "needs_help": Words(en="Needs help", nl="Heeft hulp nodig"),
        "lapsing": Words(en="Ending soon", nl="Loopt binnenkort af"),
        "not_adoptable": Words(en="Not open for adoption", nl="Niet te adopteren"),
    }
)


def never(facts: object) -> None:
    """Refuse no place, whatever its facts are: the `refusal` of a layer that names none."""


@dataclass(frozen=True, kw_only=True)
class Topology:
    """What a site of a layer may not do to its neighbours."""

    no_overlap: bool = False
    """May not overlap another current site of the layer by more than the setting `overlap_tolerance_m2`."""
    inside: str | None = None
    """Id of the layer that must hold the site; the holder becomes its parent."""


@dataclass(frozen=True, kw_only=True)
class Layer(Generic[Facts]):
    """A kind of commons: its name, facts, geometry, rules of topology, terms of care and look.

    `id` is the collection's id (plural, kebab-case), `title` names the kind, `one` a single place. `facts` checks what
    is recorded of a place and draws its form: text, numbers, yes or no, days, or one of some values. What need not be
    known has None for its default; a fact without a default stands in every row of a file. A fact's title and
    description are English; `json_schema_extra={"nl": ...}` translates the title, `"nl_values"` the values among its
    `examples`, `"unit"` is what a number counts in, `"private": True` keeps it from the public. `begins` names the
    fact, a day, from which the place is there: before it there is none. `color` is `#rrggbb`, 3 : 1 or more against the
    pale map; `symbol` is one of `api/symbols.py`, or is drawn as a dot. `care_types` are the tenure types that make a
    place "cared for" (`geocommons/model/tenure.py` lists them), by several stewards at once with `co_stewards`.
    `measured` layers are lines whose tenures may hold a stretch (`from_m`, `to_m`, metres along the line from its
    start). `duties` are what a steward takes on, a sentence each; `status_words` replace what a status is called
    (`STATUS_WORDS`). Places are drawn one by one from `min_zoom`; their care is "ending soon" in its last
    `lapsing_days`. `refusal` says why a place, by its facts, cannot be adopted.

    Raises `InvalidInput` with the first thing that is wrong.
    """

    id: str
    title: Words
    one: Words
    description: Words
    geometry_type: GeometryType
    facts: type[Facts]
    color: str
    symbol: str
    begins: str | None = None
    care_types: tuple[str, ...] = ("stewardship",)
    co_stewards: bool = False
    measured: bool = False
    topology: Topology = field(default_factory=Topology)
    duties: tuple[Words, ...] = ()
    status_words: MappingProxyType[str, Words] = field(default_factory=lambda: MappingProxyType({}))
    min_zoom: int = 13
    lapsing_days: int = 60
    refusal: Callable[[Facts], Words | None] = never

    def __post_init__(self) -> None:
        for fault, holds in RULES:
            if not holds(self):
                raise InvalidInput("The layer “{layer}” cannot be used. {fault}", layer=self.id, fault=fault)

    def status_label(self, status: str, language: str) -> str:
        """Return what this layer calls a status."""
        return (self.status_words.get(status) or STATUS_WORDS[status]).say(language)


def _says_words(layer: Layer[Any]) -> bool:
    said = (layer.title, layer.one, layer.description, *layer.duties, *layer.status_words.values())
    return all(isinstance(words, Words) for words in said)


def _has_facts(layer: Layer[Any]) -> bool:
    facts: object = layer.facts
    return isinstance(facts, type) and issubclass(facts, BaseModel)


def _is_plain(annotation: Any) -> bool:
    """Return whether every value that a fact may have fits into one cell of a table."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return all(map(_is_plain, get_args(annotation)))
    if origin is Annotated:
        return _is_plain(get_args(annotation)[0])
    kind = origin or annotation
    return not (isinstance(kind, type) and issubclass(kind, NOT_PLAIN))


def _is_day(layer: Layer[Any], fact: str) -> bool:
    found = layer.facts.model_fields.get(fact)
    return found is not None and date in (found.annotation, *get_args(found.annotation))


NOT_PLAIN = (list, tuple, set, frozenset, dict, BaseModel, datetime)
"""What no fact may be. A moment is among them: no page says one of a place."""
PLACE_COLUMNS = frozenset("id layer ref name status stewards since until certainty parent geometry lon lat wkt".split())
"""Columns of every place, in files that come and go; what was measured of it, a fact may say otherwise (`area_m2`)."""
RULES: tuple[tuple[Sentence, Callable[[Layer[Any]], object]], ...] = (
    (
        Sentence("Write its id in small letters and digits, with hyphens between words, as storm-drains."),
        lambda layer: re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", layer.id),
    ),
    (
        Sentence("Its title, one, description, each of its duties and of its status_words must be Words(en=…, nl=…)."),
        _says_words,
    ),
    (
        Sentence("Its geometry_type must be one of: {types}.", types=", ".join(get_args(GeometryType))),
        lambda layer: layer.geometry_type in get_args(GeometryType),
    ),
    (
        Sentence("Write its color as # and six hexadecimal digits, as #2B2060."),
        lambda layer: re.fullmatch(r"#[0-9A-Fa-f]{6}", layer.color),
    ),
    (Sentence("Its facts must be a class derived from pydantic's BaseModel."), _has_facts),
    (
        Sentence(
            "Each of its facts must be text, a number, yes or no, a day, or one of some values: no list, no model."
        ),
        lambda layer: all(_is_plain(fact.annotation) for fact in layer.facts.model_fields.values()),
    ),
    (
        Sentence("Call none of its facts {taken}: every place has these.", taken=", ".join(sorted(PLACE_COLUMNS))),
        lambda layer: PLACE_COLUMNS.isdisjoint(layer.facts.model_fields),
    ),
    (
        Sentence("Its begins must be the name of one of its facts that is a day."),
        lambda layer: layer.begins is None or _is_day(layer, layer.begins),
    ),
    (
        Sentence("Only a layer of geometry_type LineString can be measured."),
        lambda layer: not layer.measured or layer.geometry_type == "LineString",
    ),
    (
        Sentence("Its status_words must be of: {statuses}.", statuses=", ".join(STATUS_WORDS)),
        lambda layer: set(layer.status_words) <= set(STATUS_WORDS),
    ),
    (
        Sentence("Its min_zoom must lie from 1 to 19, and its lapsing_days be 1 or more."),
        lambda layer: 1 <= layer.min_zoom <= 19 and layer.lapsing_days >= 1,
    ),
)
"""What holds for every layer, and what is said where it does not."""


def fact_words(field: FieldInfo, name: str) -> Words:
    """Return what a fact is called, in the languages that its layer says it in."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    others = {code: str(extra[code]) for code in languages() if code in extra}
    return Words(**{"en": field.title or name.replace("_", " ").capitalize()} | others)


@cache
def all_layers() -> dict[str, Layer[Any]]:
    """Return every layer that is installed, by id: packages of layers first, then single ones.

    Raises `NotReady` or `InvalidInput` where one of them cannot be loaded, with what is wrong and where.
    """
    found: dict[str, Layer[Any]] = {}
    entries = entry_points(group=ENTRY_POINTS)
    for entry in sorted(entries, key=lambda entry: (":" in entry.value, entry.name)):
        for source, layer in _layers_of(entry):
            if found.setdefault(layer.id, layer) is not layer:
                raise NotReady(
                    "Two layers have the id “{layer}”. Give that of {source} another.", layer=layer.id, source=source
                )
    for layer in found.values():
        if layer.topology.inside and layer.topology.inside not in found:
            raise NotReady(
                "The layer “{layer}” lies inside “{inside}”, and there is no such layer.",
                layer=layer.id, inside=layer.topology.inside,
            )  # fmt: skip
    return found


def _layers_of(entry: EntryPoint) -> Iterator[tuple[str, Layer[Any]]]:
    """Give each layer of an entry point: the value that it names, or the LAYER of each module of a package."""
    named = _load(entry.value, entry.load)
    if not isinstance(named, ModuleType):
        yield entry.value, _checked(entry.value, named)
        return
    for name in sorted(module.name for module in pkgutil.iter_modules(getattr(named, "__path__", ()))):
        source = f"{named.__name__}.{name}"
        yield source, _checked(source, getattr(_load(source, partial(import_module, source)), "LAYER", None))


def _checked(source: str, layer: object) -> Layer[Any]:
    if not isinstance(layer, Layer):
        raise NotReady("{source} holds no layer. Give it a value LAYER = Layer(…), or take it away.", source=source)
    return layer


def _load(source: str, load: Callable[[], Any]) -> Any:
    """Return what is loaded, or refuse with what went wrong in which line of which file."""
    try:
        return load()
    except GeoCommonsError:
        raise
    except Exception as error:  # whatever somebody's package raises
        ran = [frame for frame in extract_tb(error.__traceback__) if frame.name == "<module>"]
        where = f" ({Path(ran[-1].filename).name}, line {ran[-1].lineno})" if ran else ""
        why = f"{type(error).__name__}: {error}{where}"
        raise NotReady(
            "The layer {source} cannot be loaded: {why}. Mend it, or take it away.", source=source, why=why
        ) from error


def get_layer(layer_id: str) -> Layer[Any]:
    """Return the layer with an id, or refuse with the ids there are."""
    layers = all_layers()
    if layer_id not in layers:
        raise NotFound("There is no layer “{layer}”. There are: {layers}.", layer=layer_id, layers=", ".join(layers))
    return layers[layer_id]
