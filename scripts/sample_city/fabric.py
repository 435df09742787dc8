"""Fabric: how a part of town is built, and who lives there."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Fabric:
    """A way of building: blocks and lots in metres, homes on a lot, and shares of people in each group."""

    name: str
    block_long_m: float
    block_deep_m: float
    bend: float
    skew: float
    lot_wide_m: tuple[float, float]
    lot_deep_m: float
    homes: float
    people_per_home: float
    park: float
    street_half_m: float
    children: float
    older: float
    low_income: float
    no_car: float


OLD_TOWN = Fabric("old town", 88, 56, 0.10, 0.20, (10, 19), 24, 3.4, 1.7, 0.02, 4.0, 0.11, 0.19, 0.21, 0.62)
TERRACES = Fabric("terraces", 135, 70, 0.05, 0.08, (13, 22), 29, 4.4, 1.9, 0.05, 5.5, 0.17, 0.14, 0.30, 0.51)
ROWS = Fabric("rows", 125, 62, 0.04, 0.06, (10, 16), 28, 1.6, 2.5, 0.05, 5.0, 0.24, 0.12, 0.44, 0.47)
SUBURB = Fabric("suburb", 155, 78, 0.12, 0.10, (11, 18), 32, 1.0, 2.6, 0.07, 5.5, 0.26, 0.16, 0.14, 0.16)
VILLAS = Fabric("villas", 175, 96, 0.12, 0.10, (24, 38), 42, 1.0, 2.5, 0.09, 5.5, 0.20, 0.27, 0.06, 0.09)
ESTATE = Fabric("estate", 190, 120, 0.02, 0.03, (46, 68), 42, 15.0, 2.3, 0.10, 7.0, 0.25, 0.17, 0.52, 0.55)
WORKS = Fabric("works", 260, 150, 0.03, 0.05, (60, 110), 65, 1.0, 2.0, 0.02, 7.0, 0.16, 0.08, 0.36, 0.40)

INNER = (OLD_TOWN, TERRACES)
OUTER = (SUBURB, VILLAS, ROWS, SUBURB, WORKS, ESTATE, ROWS, ESTATE)


@dataclass(frozen=True)
class District:
    """A part of town with its name, outline (metres), section letter and fabric."""

    name: str
    section: str
    outline: shapely.Polygon
    fabric: Fabric
    ring: int


@dataclass(frozen=True)
class Block:
    """Land between streets: what is left of a face after the streets took their half."""

    land: shapely.Polygon
    district: int
    use: str
    name: str = ""
