"""Layer: a kind of commons, as a frozen value; found through the entry-point group "geocommons.layers"."""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from geocommons.errors import NotFound
from geocommons.language import Words, languages

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

    `id` is the collection's id (plural, kebab-case). `facts` checks what is recorded of a site and draws
    its form; a field's title and description are English, `json_schema_extra={"nl": ...}` translates the
    title. `begins` names the fact, a day, from which the place is there: on an earlier day the register shows none.
    `care_types` are the tenure types that make a site "cared for". `measured` layers are lines whose
    tenures may hold a stretch (`from_m`, `to_m`, metres along the line from its start).
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

    def status_label(self, status: str, language: str) -> str:
        """Return what this layer calls a status."""
        return (self.status_words.get(status) or STATUS_WORDS[status]).say(language)


def fact_words(field: FieldInfo, name: str) -> Words:
    """Return what a fact is called, in the languages that its layer says it in."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    others = {code: str(extra[code]) for code in languages() if code in extra}
    return Words(**{"en": field.title or name.replace("_", " ").capitalize()} | others)


def discover(package: ModuleType) -> dict[str, Layer[Any]]:
    """Collect the LAYER of every module in a package, by id."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    layers = [import_module(f"{package.__name__}.{name}").LAYER for name in names]
    return {layer.id: layer for layer in layers}


@cache
def all_layers() -> dict[str, Layer[Any]]:
    """Return every layer that is installed, by id: packages of layers first, then single ones."""
    found: dict[str, Layer[Any]] = {}
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        loaded = entry.load()
        found |= discover(loaded) if isinstance(loaded, ModuleType) else {loaded.id: loaded}
    return found


def get_layer(layer_id: str) -> Layer[Any]:
    """Return the layer with an id, or refuse with the ids there are."""
    layers = all_layers()
    if layer_id not in layers:
        raise NotFound("There is no layer “{layer}”. There are: {layers}.", layer=layer_id, layers=", ".join(layers))
    return layers[layer_id]
