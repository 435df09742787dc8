"""The commons of the town: what becomes a site, and with which facts."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from scripts.sample_city.fabric import Block
from scripts.sample_city.lines import largest
from scripts.sample_city.names import GARDEN_STEMS, WATER_BOARD
from scripts.sample_city.parcels import Parcels, boxes_of, quadrangles
from scripts.sample_city.plan import Plan
from scripts.sample_city.streets import Streets

GARDENS_BY_FABRIC = {"old town": 8, "terraces": 5, "suburb": 3, "villas": 4, "rows": 1, "estate": 1, "works": 0}
NO_GARDENS = {"Zuiderstad", "Zilverhof"}  # so that there are gaps to find
GARDEN_M2 = (450, 5200)
OLD_GARDENS = (date(1996, 4, 1), date(2022, 5, 1))
NEW_GARDENS = (date(2023, 6, 1), date(2026, 4, 30))


@dataclass(frozen=True)
class Places:
    """The sites of one layer: shapes in metres, and one row of attributes (ref, name, facts) each."""

    shapes: NDArray[np.object_]
    rows: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Cadastre:
    """Every parcel of the town with its number, homes and address."""

    parcels: Parcels
    refs: list[str]
    homes: NDArray[np.int64]
    addresses: list[str]


def make_cadastre(plan: Plan, parcels: Parcels, homes: NDArray[np.int64], streets: Streets) -> Cadastre:
    """Return the parcels numbered by section, each with an address in the nearest named street."""
    seen = dict.fromkeys(range(len(plan.districts)), 0)
    refs = []
    for district in parcels.district.tolist():
        seen[district] += 1
        refs.append(f"{plan.districts[district].section}-{seen[district]:05d}")
    named = np.flatnonzero(streets.names != "")
    middles = shapely.point_on_surface(parcels.land)
    street = streets.names[named[shapely.STRtree(streets.lines[named]).nearest(middles)]]
    house: dict[str, int] = {}
    addresses = []
    for name in street.tolist():
        house[name] = house.get(name, -1) + 2
        addresses.append(f"{name} {house[name]}")
    return Cadastre(parcels, refs, homes, addresses)


def a_day(rng: np.random.Generator, first: date, last: date) -> date:
    """Return a day between two days."""
    return first + timedelta(days=int(rng.integers(0, (last - first).days + 1)))


def pick_trust_parcels(plan: Plan, cadastre: Cadastre, scale: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the numbers of the trust's parcels: clusters, most of them where incomes are low."""
    parcels = cadastre.parcels
    need = np.array([d.fabric.low_income if d.fabric.homes else 0.0 for d in plan.districts])[parcels.district] ** 1.2
    need[(cadastre.homes == 0) | (shapely.area(parcels.land) > 3500)] = 0
    middles = shapely.point_on_surface(parcels.land)
    tree = shapely.STRtree(middles)
    chosen: set[int] = set()
    seeds = rng.choice(len(parcels), max(4, round(22 * scale)), replace=False, p=need / need.sum())
    for seed in seeds:
        near = np.sort(tree.query(middles[seed].buffer(rng.uniform(35, 120))))
        near = near[need[near] > 0]
        chosen |= set(near[rng.random(len(near)) < rng.uniform(0.25, 0.7)][:45].tolist())
    return np.array(sorted(chosen), dtype=np.int64)


def trust_parcels(plan: Plan, cadastre: Cadastre, chosen: NDArray[np.int64], rng: np.random.Generator) -> Places:
    """Return land trust parcels with their facts."""
    parcels = cadastre.parcels
    rows = []
    bought: dict[int, date] = {}
    for i in chosen.tolist():
        district = plan.districts[parcels.district[i]]
        day = bought.setdefault(int(parcels.block[i]), a_day(rng, date(2008, 3, 1), date(2024, 6, 30)))
        homes = int(cadastre.homes[i])
        era = {"old town": 1780, "terraces": 1905, "rows": 1934, "estate": 1966}.get(district.fabric.name, 1985)
        use = "open space" if homes == 0 else str(rng.choice(["housing", "housing and work"], p=[0.88, 0.12]))
        rows.append(
            {
                "ref": cadastre.refs[i],
                "name": cadastre.addresses[i],
                "lot_number": cadastre.refs[i].replace("-", " "),
                "land_use": use,
                "homes": homes,
                "floor_m2": float(round(homes * rng.uniform(58, 105))),
                "building_year": int(era + rng.integers(0, 40)) if homes else None,
                "acquired": day,
                "address": cadastre.addresses[i],
            }
        )
    return Places(parcels.land[chosen], rows)


def make_rivers(plan: Plan) -> Places:
    """Return the watercourses inside and just outside the town, each from its source down."""
    frame = plan.edge.buffer(350)
    shapes, rows = [], []
    for number, water in enumerate(plan.waters, 1):
        line = max(shapely.get_parts(water.line.intersection(frame)), key=lambda part: float(part.length))
        shapes.append(line.simplify(0.4))
        rows.append(
            {
                "ref": f"W-{number:02d}",
                "name": water.name,
                "water_type": water.kind,
                "width_m": float(water.width_m),
                "catchment": "Velder",
                "flows_into": water.flows_into,
                "tidal": False,
                "water_authority": WATER_BOARD,
            }
        )
    return Places(np.array(shapes, dtype=object), rows)


def make_gardens(plan: Plan, blocks: list[Block], parcels: Parcels, rng: np.random.Generator) -> Places:
    """Return gardens in courts and corners of blocks: many in the centre, few where people need them most."""
    area = shapely.area(parcels.land)
    shapes: list[shapely.Polygon] = []
    for index, district in enumerate(plan.districts):
        wish = 0 if district.name in NO_GARDENS else GARDENS_BY_FABRIC[district.fabric.name]
        court = (parcels.district == index) & parcels.court & (area > GARDEN_M2[0]) & (area < 3 * GARDEN_M2[1])
        corners = [corner_of(block.land) for block in blocks if block.district == index and block.use == "park"]
        pool = [garden for garden in map(trim, [*parcels.land[court], *corners]) if garden.area > 0.7 * GARDEN_M2[0]]
        shapes += [pool[i] for i in rng.choice(len(pool), min(len(pool), wish), replace=False)] if pool else []
    kinds = ["community garden", "community garden", "allotments", "school garden", "food forest", "pocket park"]
    rows = []
    for number, shape in enumerate(shapes, 1):
        kind = str(rng.choice(kinds)) if shape.area > 900 else str(rng.choice(["community garden", "pocket park"]))
        stem = GARDEN_STEMS[(number - 1) % len(GARDEN_STEMS)] + ("" if number <= len(GARDEN_STEMS) else f" {number}")
        opens = NEW_GARDENS if number % 12 in (3, 10) else OLD_GARDENS
        rows.append(
            {
                "ref": f"G-{number:03d}",
                "name": stem,
                "kind": kind,
                "opened": a_day(rng, *opens),
                "plots_total": 0,
                "waiting_list": int(rng.integers(0, 38)) if kind in ("allotments", "community garden") else 0,
                "water_tap": bool(rng.random() < 0.8),
                "compost": bool(rng.random() < 0.6),
                "step_free": bool(rng.random() < 0.55),
                "opening_hours": str(
                    rng.choice(["Mo-Su sunrise-sunset", "We,Sa 10:00-16:00", "Apr-Oct Mo-Su 09:00-19:00"])
                ),
            }
        )
    return Places(np.array(shapes, dtype=object), rows)


def corner_of(park: shapely.Polygon) -> shapely.Polygon:
    """Return one end of a park, deep enough for a garden."""
    box = boxes_of(np.array([park], dtype=object))
    end = -box.long_m / 2
    quad = quadrangles(box.middle, box.along, box.along[:, ::-1] * (-1, 1), end, end + 42, box.deep_m)[0]
    return largest(park.buffer(-3).intersection(quad))


def trim(shape: shapely.Polygon) -> shapely.Polygon:
    """Return a garden inside a court: off the backs of the lots, and no longer than a garden is."""
    box = boxes_of(np.array([shape], dtype=object))
    half = np.minimum(box.long_m, GARDEN_M2[1] / np.maximum(box.deep_m, 1)) / 2
    quad = quadrangles(box.middle, box.along, box.along[:, ::-1] * (-1, 1), -half, half, box.deep_m)[0]
    inner = shape.intersection(quad).buffer(-1.5, join_style="mitre")
    return largest(inner)


def make_plots(gardens: Places, scale: float, rng: np.random.Generator) -> Places:
    """Return plots in rows inside the larger gardens; writes their number into the garden's facts."""
    size = shapely.area(gardens.shapes)
    fit = [i for i in np.argsort(-size).tolist() if size[i] > 700 and gardens.rows[i]["kind"] != "food forest"]
    shapes: list[shapely.Polygon] = []
    rows: list[dict[str, Any]] = []
    for garden in fit[: max(3, round(9 * scale))]:
        found = plots_in(gardens.shapes[garden], int(rng.integers(14, 37)), rng)
        gardens.rows[garden]["plots_total"] = len(found)
        gardens.rows[garden]["kind"] = "allotments" if len(found) > 20 else "community garden"
        for number, shape in enumerate(found, 1):
            rows.append(
                {
                    "ref": f"{gardens.rows[garden]['ref']}-{number:02d}",
                    "name": f"{gardens.rows[garden]['name']} {number}",
                    "number": str(number),
                    "area_m2": float(round(shape.area, 1)),
                    "raised_bed": bool(number % 9 == 0),
                    "accessible": bool(number % 9 == 0),
                    "sun_hours": float(round(rng.uniform(5, 11), 1)),
                }
            )
        shapes += found
    return Places(np.array(shapes, dtype=object), rows)


def rows_in(length_m: float, size_m: float, path_m: float) -> NDArray[np.float64]:
    """Return where rows of a size begin, a path apart, in the middle of a length that is centred on 0."""
    count = max(1, int((length_m - 4 + path_m) // (size_m + path_m)))
    first_m = (path_m - count * (size_m + path_m)) / 2
    return np.array([first_m + row * (size_m + path_m) for row in range(count)])


def plots_in(garden: shapely.Polygon, most: int, rng: np.random.Generator) -> list[shapely.Polygon]:
    """Return up to `most` plots of one size in rows along a garden, a path's width apart."""
    box = boxes_of(np.array([garden], dtype=object))
    wide, deep = rng.uniform(3.6, 5.2), rng.uniform(6.5, 9.0)
    inner = garden.buffer(-2.0)
    vv, uu = (
        grid.ravel() for grid in np.meshgrid(rows_in(box.deep_m[0], deep, 1.6), rows_in(box.long_m[0], wide, 1.0))
    )
    across = box.along[0, ::-1] * (-1, 1)
    middle = box.middle[0] + across * (vv + deep / 2)[:, None]
    count = len(uu)
    along = np.tile(box.along[0], (count, 1))
    quads = quadrangles(middle, along, np.tile(across, (count, 1)), uu, uu + wide, np.full(count, deep / 2))
    return list(quads[shapely.contains_properly(inner, quads)][:most])
