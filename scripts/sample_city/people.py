"""Who lives where: homes on parcels, people in blocks, and how many of them are of each group."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from scripts.sample_city.fabric import Block, District
from scripts.sample_city.parcels import Parcels

GROUPS = ("children", "older", "low_income", "no_car")


@dataclass(frozen=True)
class Population:
    """People by block: the block's land in metres, people, and people in each group."""

    land: NDArray[np.object_]
    people: NDArray[np.int64]
    groups: dict[str, NDArray[np.int64]]


def count_homes(parcels: Parcels, districts: tuple[District, ...], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the homes on each parcel: more on a larger lot, none in a court."""
    usual = np.array([d.fabric.homes for d in districts])[parcels.district]
    wide = np.array([np.mean(d.fabric.lot_wide_m) * d.fabric.lot_deep_m for d in districts])[parcels.district]
    size = np.clip(shapely.area(parcels.land) / wide, 0.3, 2.0)
    homes = np.rint(usual * size * rng.uniform(0.8, 1.2, len(parcels)) + (usual <= 1.0) * 0.3)
    homes = np.where(usual <= 1.6, np.minimum(homes, 2), homes)
    none = parcels.court | (rng.random(len(parcels)) < 0.03)
    return np.asarray(np.where(none, 0, homes), dtype=np.int64)


def make_population(
    blocks: list[Block],
    parcels: Parcels,
    homes: NDArray[np.int64],
    districts: tuple[District, ...],
    rng: np.random.Generator,
) -> Population:
    """Return the people of every block that has homes."""
    fabrics = [district.fabric for district in districts]
    size = np.array([fabric.people_per_home for fabric in fabrics])[parcels.district]
    people = np.bincount(parcels.block, rng.poisson(homes * size), minlength=len(blocks)).astype(np.int64)
    lived = np.flatnonzero(people > 0)
    of = np.array([blocks[i].district for i in lived])
    groups = {}
    for group in GROUPS:
        share = np.array([getattr(fabric, group) for fabric in fabrics])[of]
        tilt = np.array([rng.normal(0, 0.12) for _ in fabrics])[of]  # two districts of one kind still differ
        local = np.clip(share * np.exp(tilt + rng.normal(0, 0.22, len(of))), 0.01, 0.9)
        groups[group] = rng.binomial(people[lived], local).astype(np.int64)
    return Population(np.array([blocks[i].land for i in lived], dtype=object), people[lived], groups)
