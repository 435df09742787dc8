"""The ground that an actor may act on: the districts that an administrator gave it."""

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geocommons.crs import Geometries
from geocommons.language import mark
from geocommons.model.actor import Actor
from geocommons.settings import Settings
from geocommons.store.context_sets import get_context
from geocommons.usecases.context import read_context

OUTSIDE = mark(
    "“{ref}” lies outside the districts that you were given. Ask an administrator, or leave it to who has them."
)


def ground_of(session: Session, settings: Settings, actor: Actor) -> shapely.Geometry | None:
    """Return the districts of an actor as one shape in EPSG:4326, or None where it is not bound to any."""
    if actor.districts is None:
        return None
    districts = read_context(settings, get_context(session, "districts"))
    ground: shapely.Geometry = shapely.union_all(districts.geometry[districts["name"].isin(actor.districts)].to_numpy())
    shapely.prepare(ground)
    return ground


def lies_on(ground: shapely.Geometry, places: Geometries) -> NDArray[np.bool_]:
    """Return whether each place lies on some ground: a line that touches it, anything else with its middle."""
    lines = np.isin(shapely.get_type_id(places), (1, 5))
    marks = np.where(lines, places, shapely.point_on_surface(places))
    on_it: NDArray[np.bool_] = shapely.intersects(ground, marks)
    return on_it
