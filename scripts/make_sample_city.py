"""Make the sample city: `python -m scripts.make_sample_city --scale 1 --seed 7 --out data/sample`."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from geocommons.crs import geodesic_length_m
from scripts.sample_city import book, care, duties, leftovers, people, places, tenures, waits, write
from scripts.sample_city.blocks import make_blocks
from scripts.sample_city.fabric import Block
from scripts.sample_city.names import People
from scripts.sample_city.parcels import make_parcels
from scripts.sample_city.plan import Plan, make_plan
from scripts.sample_city.streets import Streets, make_streets


class Dice:
    """One stream of chance for each part of the town, so that a change in one leaves the others as they were."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, part: str) -> np.random.Generator:
        """Return the stream of a part."""
        return np.random.default_rng([self.seed, *part.encode()])


SMALLEST = 0.25
"""The smallest scale: a town with less room has no ring road to lay its districts along."""


def main() -> None:
    """Read the command line, make the city and say what was made."""
    parser = argparse.ArgumentParser(description="Make a fictional city to try GeoCommons on.")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1 is a town of some 10,000 parcels, 4 of four times as many"
    )
    parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same city")
    parser.add_argument("--out", type=Path, default=Path("data/sample"), help="folder to write to")
    parser.add_argument("--all-parcels", action="store_true", help="write every parcel as clt-parcels, for load tests")
    asked = parser.parse_args()
    if not asked.scale >= SMALLEST:
        parser.error(f"--scale is {SMALLEST} at least: a smaller town has no ring road to lay its districts along.")
    for name, count in make_city(asked.out, scale=asked.scale, seed=asked.seed, all_parcels=asked.all_parcels).items():
        print(f"{name:16}{count:>10,}")


def make_city(out: Path, *, scale: float, seed: int, all_parcels: bool = False) -> dict[str, int]:
    """Write a city to a folder and return how many of each thing were made."""
    out.mkdir(parents=True, exist_ok=True)
    dice = Dice(seed)
    plan = make_plan(scale, dice.of("plan"))
    blocks, cuts = make_blocks(plan, dice.of("blocks"))
    streets = make_streets(cuts, blocks, dice.of("streets"))
    parcels = make_parcels(blocks, plan.districts, dice.of("parcels"))
    homes = people.count_homes(parcels, plan.districts, dice.of("homes"))
    population = people.make_population(blocks, parcels, homes, plan.districts, dice.of("people"))
    cadastre = places.make_cadastre(plan, parcels, homes, streets)
    sites = make_sites(plan, blocks, streets, cadastre, scale, dice)
    ledger = write_book(sites, dice)
    if all_parcels:
        everything = np.arange(len(parcels))
        sites["clt-parcels"] = places.trust_parcels(plan, cadastre, everything, dice.of("trust parcels"))
    for layer, found in sites.items():
        write.write_sites(out / f"{layer}.fgb", found.shapes, found.rows)
    candidates = leftovers.make_candidates(plan, blocks, sites["vacant-lots"], sites["gardens"], dice.of("candidates"))
    green = leftovers.make_green(plan, blocks, dice.of("green"))
    write.write_context(out / "candidates.parquet", candidates.shapes, candidates.rows)
    write.write_context(out / "green.parquet", green.shapes, green.rows)
    write_ground(out, plan, streets, population)
    write.write_csv(out / "tenures.csv", book.TENURE_COLUMNS, ledger.tenures)
    write.write_csv(out / "records.csv", book.RECORD_COLUMNS, ledger.records)
    write.write_csv(out / "care.csv", book.CARE_COLUMNS, ledger.care)
    write.write_csv(out / "duties.csv", book.DUTY_COLUMNS, ledger.duties)
    write.write_city(out / "city.json", plan.edge, scale, seed)
    made = {"parcels": len(parcels), "streets": len(streets.lines), "people": int(population.people.sum())}
    kept = {"tenures": len(ledger.tenures), "care": len(ledger.care), "duties": len(ledger.duties)}
    return made | {layer: len(found) for layer, found in sites.items()} | kept


def make_sites(
    plan: Plan,
    blocks: list[Block],
    streets: Streets,
    cadastre: places.Cadastre,
    scale: float,
    dice: Dice,
) -> dict[str, places.Places]:
    """Return the sites of every layer."""
    chosen = places.pick_trust_parcels(plan, cadastre, scale, dice.of("trust"))
    gardens = places.make_gardens(plan, blocks, cadastre.parcels, dice.of("gardens"))
    plots = places.make_plots(gardens, scale, dice.of("plots"))
    taken = np.zeros(len(cadastre.refs), dtype=bool)
    taken[chosen] = True
    lots = leftovers.make_vacant_lots(plan, cadastre, taken, scale, dice.of("lots"))
    return {
        "clt-parcels": places.trust_parcels(plan, cadastre, chosen, dice.of("trust parcels")),
        "rivers": places.make_rivers(plan),
        "gardens": gardens,
        "garden-plots": plots,
        "vacant-lots": lots,
        "storm-drains": leftovers.make_drains(plan, streets, scale, dice.of("drains")),
    }


def write_book(sites: dict[str, places.Places], dice: Dice) -> book.Book:
    """Return five years of tenures on the sites, their records, the care given and what is due."""
    ledger = book.Book()
    neighbours = People(dice.of("names"))
    tenures.lease_parcels(ledger, sites["clt-parcels"], neighbours, dice.of("leases"))
    lengths_m = [geodesic_length_m(line) for line in write.in_degrees(sites["rivers"].shapes)]
    tenures.adopt_rivers(ledger, sites["rivers"], lengths_m, dice.of("river groups"))
    tenures.keep_gardens(ledger, sites["gardens"], dice.of("garden groups"))
    tenures.rent_plots(ledger, sites["garden-plots"], sites["gardens"], neighbours, dice.of("rentals"))
    tenures.use_lots(ledger, sites["vacant-lots"], neighbours, dice.of("licences"))
    tenures.adopt_drains(ledger, sites["storm-drains"], neighbours, dice.of("drain stewards"))
    waits.note_requests(ledger, dice.of("requests"))
    care.note_care(ledger, sites, dice.of("care"))
    duties.note_duties(ledger, sites["gardens"], dice.of("duties"))
    return ledger


def write_ground(out: Path, plan: Plan, streets: Streets, population: people.Population) -> None:
    """Write streets, people, districts and water."""
    edges = {
        "from_node": streets.from_node,
        "to_node": streets.to_node,
        "name": streets.names,
        "class": streets.classes,
    }
    write.write_context(out / "streets.parquet", shapely.simplify(streets.lines, 0.3), pd.DataFrame(edges))
    counts = {"people": population.people} | {f"group_{name}": count for name, count in population.groups.items()}
    write.write_context(out / "population.parquet", shapely.simplify(population.land, 0.3), pd.DataFrame(counts))
    outlines = np.array([district.outline.simplify(0.3) for district in plan.districts], dtype=object)
    write.write_context(out / "districts.parquet", outlines, [{"name": district.name} for district in plan.districts])
    surfaces = np.array(
        [water.surface.intersection(plan.edge.buffer(400)).simplify(0.4) for water in plan.waters], dtype=object
    )
    write.write_context(out / "water.parquet", surfaces, [{"name": w.name, "kind": w.kind} for w in plan.waters])


if __name__ == "__main__":
    main()
