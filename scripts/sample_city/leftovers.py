"""The smaller commons and what analyses stand on: vacant lots, storm drains, candidates, green."""

from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from scripts.sample_city.fabric import Block
from scripts.sample_city.lines import polygons
from scripts.sample_city.places import Cadastre, Places, a_day
from scripts.sample_city.plan import Plan
from scripts.sample_city.streets import Streets

VACANCY = {"old town": 0.5, "terraces": 1.0, "suburb": 0.5, "villas": 0.2, "rows": 1.0, "estate": 6.0, "works": 9.0}
FIELD_KINDS = ["farmland", "farmland", "wood", "wood", "meadow", "sports ground", "cemetery"]
GREEN_KINDS = {"park", "verge", "wood", "meadow", "sports ground", "cemetery"}  # farmland is nobody's park
PARK_STEMS = ["Linden", "Beuken", "Vinken", "Wilgen", "Reiger", "Elzen", "Molen"]


def make_vacant_lots(
    plan: Plan, cadastre: Cadastre, taken: NDArray[np.bool_], scale: float, rng: np.random.Generator
) -> Places:
    """Return vacant lots, most of them among works and estates; old works leave polluted soil."""
    parcels = cadastre.parcels
    odds = np.array([VACANCY[d.fabric.name] for d in plan.districts])[parcels.district]
    area = shapely.area(parcels.land)
    odds[taken | parcels.court | (area < 110)] = 0
    chosen = np.sort(rng.choice(len(parcels), round(64 * scale), replace=False, p=odds / odds.sum()))
    rows = []
    for i in chosen.tolist():
        works = plan.districts[parcels.district[i]].fabric.name == "works"
        owner = str(
            rng.choice(
                ["city", "land trust", "housing association", "company", "private", "unknown"],
                p=[0.42, 0.1, 0.14, 0.16, 0.14, 0.04],
            )
        )
        surveyed = rng.random() < 0.85
        rows.append(
            {
                "ref": f"V-{cadastre.refs[i]}",
                "name": cadastre.addresses[i],
                "owner_kind": owner,
                "zoning": "industry"
                if works
                else str(rng.choice(["housing", "mixed use", "green"], p=[0.55, 0.3, 0.15])),
                "vacant_since": a_day(rng, date(2009, 1, 1), date(2025, 3, 1)),
                "contaminated": bool(rng.random() < (0.6 if works else 0.17)) if surveyed else None,
                "surface": str(rng.choice(["grass", "rubble", "paved", "shrubs"], p=[0.35, 0.25, 0.2, 0.2])),
                "building_planned": a_day(rng, date(2027, 3, 1), date(2031, 3, 1)) if rng.random() < 0.25 else None,
            }
        )
    return Places(parcels.land[chosen], rows)


def make_drains(plan: Plan, streets: Streets, scale: float, rng: np.random.Generator) -> Places:
    """Return storm drains at the kerb, more of them on the low ground near water."""
    paved = np.flatnonzero((streets.classes != "footway") & (shapely.length(streets.lines) > 25))
    edges = streets.lines[paved]
    low = shapely.distance(edges, shapely.union_all([water.line for water in plan.waters])) < 350
    bridge = shapely.intersects(edges, shapely.union_all([water.surface for water in plan.waters]))
    odds = shapely.length(edges) * np.where(low, 3.0, 1.0) * ~bridge
    chosen = rng.choice(len(edges), min(len(edges), round(400 * scale)), replace=False, p=odds / odds.sum())
    chosen = np.sort(chosen)
    at = rng.uniform(0.2, 0.8, len(chosen)) * shapely.length(edges[chosen])
    here = shapely.get_coordinates(shapely.line_interpolate_point(edges[chosen], at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(edges[chosen], at + 1))
    normal = (ahead - here)[:, ::-1] * (-1, 1)
    arterial = np.isin(streets.classes[paved[chosen]], ["primary", "secondary"])
    side = rng.choice([-1.0, 1.0], len(chosen)) * np.where(arterial, 6.5, 2.8)
    shapes = shapely.points(here + normal * side[:, None])
    rows = []
    for number, edge in enumerate(paved[chosen].tolist(), 1):
        rows.append(
            {
                "ref": f"K-{number:04d}",
                "name": f"{streets.names[edge]} {number}",
                "inlet": str(rng.choice(["grate", "kerb", "combined"], p=[0.6, 0.25, 0.15])),
                "on_arterial": bool(arterial[number - 1]),
                "cleaned": a_day(rng, date(2025, 3, 1), date(2026, 10, 30)),
            }
        )
    return Places(np.asarray(shapes, dtype=object), rows)


def make_candidates(plan: Plan, blocks: list[Block], lots: Places, gardens: Places, rng: np.random.Generator) -> Places:
    """Return places where a next garden could be: clean lots, verges and corners of parks."""
    found = [
        (row["name"], "vacant lot", shape)
        for row, shape in zip(lots.rows, lots.shapes, strict=True)
        if row["contaminated"] is False
    ]
    parks = [block for block in blocks if block.use in ("park", "verge") and block.land.area > 600]
    for i in np.sort(rng.choice(len(parks), min(len(parks), 2 * len(found)), replace=False)).tolist():
        kind = {"park": "corner of a park", "verge": "green verge"}[parks[i].use]
        found.append((plan.districts[parks[i].district].name, kind, parks[i].land))
    garden = shapely.union_all(gardens.shapes)
    free = [item for item in found if not item[2].intersects(garden)]
    rows = [
        {"ref": f"C-{number:03d}", "name": name, "kind": kind, "area_m2": float(round(min(shape.area, 4000)))}
        for number, (name, kind, shape) in enumerate(free, 1)
    ]
    return Places(np.array([shape.point_on_surface() for _, _, shape in free], dtype=object), rows)


def make_green(plan: Plan, blocks: list[Block], rng: np.random.Generator) -> Places:
    """Return parks, woods, sports grounds, verges and river banks, each with a name and a kind."""
    shapes: list[shapely.Polygon] = []
    rows: list[dict[str, Any]] = []
    for block in blocks:
        kind = str(rng.choice(FIELD_KINDS)) if block.use == "field" else block.use
        if kind in GREEN_KINDS:
            shapes.append(block.land)
            rows.append({"name": f"{rng.choice(PARK_STEMS)}park" if kind == "park" else "", "kind": kind})
    wet = shapely.union_all([water.surface for water in plan.waters])
    for water in plan.waters[1:-1]:
        for part in polygons(water.strip.buffer(-5).difference(wet).intersection(plan.edge)):
            shapes.append(part)
            rows.append({"name": f"Oever {water.name}", "kind": "bank"})
    return Places(np.array(shapes, dtype=object), rows)
