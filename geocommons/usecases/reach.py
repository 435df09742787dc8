"""How far an actor may act: on the ground of the districts, and on the layers, that an administrator gave it."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geocommons.crs import Geometries
from geocommons.errors import NotAllowed
from geocommons.language import mark
from geocommons.layer import all_layers
from geocommons.model.account import Reach
from geocommons.model.actor import Actor
from geocommons.model.permission import NOT_YOURS, Target, permit
from geocommons.settings import Settings
from geocommons.store.care import care_of
from geocommons.store.entries import places_of
from geocommons.store.parties import same_parties, sites_of
from geocommons.store.records import sites_on_record

OUTSIDE = mark(
    "“{ref}” lies outside the districts that you were given. Ask an administrator, or leave it to who has them."
)


def ground_of(session: Session, settings: Settings, actor: Actor) -> shapely.Geometry | None:
    """Return the districts of an actor as one shape in EPSG:4326, or None where it is not bound to any."""
    if actor.districts is None:
        return None
    from geocommons.store.context_sets import get_context  # few actors are bound
    from geocommons.usecases.context_files import read_context

    districts = read_context(settings, get_context(session, "districts"))
    ground: shapely.Geometry = shapely.union_all(districts.geometry[districts["name"].isin(actor.districts)].to_numpy())
    shapely.prepare(ground)
    return ground


def permit_party(
    session: Session, settings: Settings, actor: Actor, party_id: int, action: str = "keep parties"
) -> None:
    """Refuse an act on a party that holds, held or tended any place outside the layers and districts of the actor.

    What is noted of a party shows wherever it did anything, so whoever is bound keeps only those wholly theirs.
    """
    permit(actor, action)
    if actor.layers is not None or actor.districts is not None:
        parties = same_parties(session, party_id)
        tended = [site.id for _, site in care_of(session, parties)]
        _permit_places(session, settings, actor, [*sites_of(session, parties), *tended], action)


def permit_record(session: Session, settings: Settings, actor: Actor, record_id: int, action: str) -> None:
    """Refuse to change a record that any place outside the layers and districts of the actor stands on."""
    permit(actor, action)
    if actor.layers is not None or actor.districts is not None:
        _permit_places(session, settings, actor, sites_on_record(session, record_id), action)


def _permit_places(session: Session, settings: Settings, actor: Actor, site_ids: Sequence[int], action: str) -> None:
    sites = places_of(session, site_ids).values()
    for layer in sorted({site.layer for site in sites}):
        permit(actor, action, Target(layer=layer))
    ground = ground_of(session, settings, actor) if sites else None
    if ground is not None and not lies_on(ground, np.array([site.geom for site in sites], dtype=object)).all():
        raise NotAllowed(NOT_YOURS)


def may_keep_party(session: Session, settings: Settings, actor: Actor, party_id: int) -> bool:
    """Whether an actor may keep a party, as `permit_party` says."""
    try:
        permit_party(session, settings, actor, party_id)
    except NotAllowed:
        return False
    return True


def reach_words(reaches: Iterable[Reach], language: str) -> str:
    """Return the layers and districts that somebody is bound to, as people call them."""
    layers = all_layers()
    return ", ".join(
        layers[one.name].title.say(language) if one.kind == "layer" and one.name in layers else one.name
        for one in reaches
    )


def lies_on(ground: shapely.Geometry, places: Geometries) -> NDArray[np.bool_]:
    """Return whether each place lies on some ground: a line that touches it, anything else with its middle."""
    lines = np.isin(shapely.get_type_id(places), (1, 5))
    marks = np.where(lines, places, shapely.point_on_surface(places))
    on_it: NDArray[np.bool_] = shapely.intersects(ground, marks)
    return on_it
