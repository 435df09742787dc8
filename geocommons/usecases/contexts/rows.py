"""Take the rows of a context file: each is checked, then kept or refused with a reason."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from geocommons.crs import STORAGE_CRS, Geometries
from geocommons.files.reading.vector import Batch
from geocommons.language import Sentence
from geocommons.usecases.contexts.join import JoinedTable
from geocommons.usecases.contexts.nodes import settle_nodes
from geocommons.usecases.contexts.plan import DIMENSIONS, TEXTS, Plan
from geocommons.usecases.contexts.report import ContextReport
from geocommons.usecases.contexts.shapes import check_shapes
from geocommons.usecases.imports.facts import present, ref_text
from geocommons.usecases.imports.geometry_checks import LOOK
from geocommons.usecases.imports.report import Refusal, RowNote

Values = Mapping[str, object]
NOT_A_COUNT = Sentence("Write the number of people, 0 or more, in digits.")


class ContextRows:
    """The rows of a file on their way into a context set."""

    def __init__(self, plan: Plan, report: ContextReport, table: JoinedTable | None) -> None:
        self.plan, self.report, self.table = plan, report, table
        self._shapes: list[Geometries] = []
        self._numbers: list[int] = []
        self._columns: dict[str, list[object]] = {name: [] for name in (*plan.texts, *plan.counts, *plan.nodes)}

    def take(self, batch: Batch) -> None:
        """Check the rows of a batch, and keep those that pass."""
        refused: dict[int, Refusal] = {
            problem.row - batch.first_row: (problem.column, problem.reason, problem.remedy)
            for problem in batch.problems
        }
        checked = check_shapes(batch.geometry, DIMENSIONS[self.plan.kind])
        for position, (reason, remedy) in checked.refusals.items():
            refused.setdefault(position, ("geometry", reason, remedy))
        rows = batch.rows(self.plan.file_columns)
        kept = []
        for position, row in enumerate(rows):
            number = batch.first_row + position
            refusal = refused.get(position) or self._take_row(number, row)
            if refusal is None:
                kept.append(position)
                self._note_repair(number, checked.repairs.get(position))
            else:
                self.report.reject(RowNote(number, self._key(row), *refusal))
        self.report.read += len(rows)
        self.report.accepted += len(kept)
        self._numbers += [batch.first_row + position for position in kept]
        self._shapes.append(checked.geometry[kept])

    def _key(self, row: Values) -> str | None:
        column = self.plan.key or self.plan.texts.get("ref") or self.plan.texts.get("name")
        return ref_text(row.get(column)) if column is not None else None

    def _note_repair(self, number: int, said: Sentence | None) -> None:
        if said is not None:
            self.report.repair(RowNote(number, None, "geometry", said, LOOK))

    def _take_row(self, number: int, row: Values) -> Refusal | None:
        """Keep the values of a row, or return why not."""
        joined = self._joined(number, row)
        if isinstance(joined, tuple):
            return joined
        values: dict[str, object] = {name: ref_text(joined[column]) or "" for name, column in self.plan.texts.items()}
        if self.plan.kind == "districts" and not values["name"]:
            remedy = Sentence("Give each district a name.")
            return (self.plan.texts["name"], Sentence("The district has no name."), remedy)
        for name, column in self.plan.counts.items():
            count = _count(joined[column], blank=None if name == "people" else 0.0)
            if count is None:
                return (column, _no_count(joined[column]), NOT_A_COUNT)
            values[name] = count
        values |= {name: joined[column] for name, column in self.plan.nodes.items()}
        for name, value in values.items():
            self._columns[name].append(value)
        if self.table is not None:
            self.table.give(str(self._key(row)), number)
        return None

    def _joined(self, number: int, row: Values) -> Values | Refusal:
        """Return a row with the columns of its partner in the table."""
        if self.table is None:
            return row
        column, key = str(self.plan.key), self._key(row)
        if key is None:
            return (column, Sentence("The row has no key to join by."), Sentence("Give the place its number."))
        partner = self.table.find(key)
        if partner is None:
            return (
                column,
                Sentence("“{key}” is not in {file}.", key=key, file=self.table.report.file),
                Sentence("Add it to the table, or correct the number."),
            )
        earlier = self.table.given_to(key)
        if earlier is not None:
            reason = Sentence(
                "“{key}” stands in the file before (row {earlier}); its figures count there.", key=key, earlier=earlier
            )
            return (column, reason, Sentence("Merge the rows into one place."))
        return {**row, **partner}

    def frame(self) -> GeoDataFrame:
        """Return what was taken as a frame in EPSG:4326."""
        geometry = np.concatenate(self._shapes) if self._shapes else np.empty(0, dtype=object)
        columns: dict[str, Any] = {}
        for name in TEXTS[self.plan.kind]:
            columns[name] = pd.Series(self._columns.get(name, [""] * len(geometry)), dtype="str")
        for name in self.plan.counts:
            columns[name] = whole_if_whole(pd.Series(self._columns[name], dtype="float64"))
        if self.plan.nodes:
            columns |= self._nodes(geometry)
        return GeoDataFrame(columns, geometry=geometry, crs=STORAGE_CRS)

    def _nodes(self, lines: Geometries) -> dict[str, Any]:
        nodes = settle_nodes(self._columns["from_node"], self._columns["to_node"], lines)
        counted = {"filled": nodes.filled, "turned": nodes.turned, "strayed": len(nodes.strays)}
        self.report.notes |= {f"nodes_{name}": count for name, count in counted.items()}
        for street, side, node in nodes.strays:
            column = self.plan.nodes["to_node" if side else "from_node"]
            reason = Sentence(
                "Node {node} stands elsewhere, over 25 m away; the street's own end decides where it joins.", node=node
            )
            remedy = Sentence("Correct the node id in the file.")
            self.report.repair(RowNote(self._numbers[street], None, column, reason, remedy))
        return {"from_node": nodes.from_node, "to_node": nodes.to_node}


def _no_count(value: object) -> Sentence:
    """Return why a value is no number of people."""
    if present(value) is None:
        return Sentence("The number of people is empty.")
    return Sentence("The number of people is “{value}”.", value=str(value)[:40])


def whole_if_whole(counts: "pd.Series[float]") -> "pd.Series[Any]":
    """Return counts as whole numbers if all are."""
    return counts.astype("int64") if bool((counts % 1 == 0).all()) else counts


def _count(value: object, *, blank: float | None) -> float | None:
    """Return a number of people, or None where a value is none; `blank` stands for a missing one."""
    found = present(value)
    if found is None:
        return blank
    if isinstance(found, bool):
        return None
    try:
        count = float(found) if isinstance(found, int | float) else float(str(found))
    except ValueError:
        return None
    return count if math.isfinite(count) and count >= 0 else None
