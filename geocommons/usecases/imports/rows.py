"""Take one batch of a file into a layer: every row is checked, then written, set aside as unchanged, or refused."""

from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from geocommons.crs import Geometries, geodesic_areas_m2, geodesic_length_m
from geocommons.files.reading.vector import Batch
from geocommons.language import Sentence
from geocommons.layer import get_layer
from geocommons.model.base import MOST_REF_SIGNS
from geocommons.model.geometry_text import geometry_texts
from geocommons.model.json_text import json_texts
from geocommons.model.public import fragment_texts
from geocommons.model.site import Site
from geocommons.store.bulk import reserve_ids
from geocommons.store.register import (
    Known,
    SiteColumns,
    geometries_by_id,
    known_refs,
    prepare_sites,
    read_sites,
    refs_by_id,
    update_sites,
)
from geocommons.usecases.imports.common_ground import Shared
from geocommons.usecases.imports.facts import ENTRANCE, ROW_NUMBER, CheckedFacts, read_certainties, ref_texts
from geocommons.usecases.imports.geometry_checks import LOOK, CheckedGeometries, check_geometries
from geocommons.usecases.imports.intake import Intake, Pending, overlap_note, told_before
from geocommons.usecases.imports.neighbours import Overlap, by_claim, overlaps_within
from geocommons.usecases.imports.report import Refusal, RowNote
from geocommons.usecases.reach import lies_on

CERTAINTY = Sentence("Write 0 (a guess) to 10 (surveyed), or leave it empty if nobody knows.")
UNCHANGED = ("", Sentence(""), Sentence(""))
"""Marks a row that says what the register already holds."""


class Rows:
    """The rows of one batch on their way into the register; what needs no look into it is checked at once."""

    def __init__(self, to: Intake, batch: Batch) -> None:
        self.to = to
        self.batch = batch
        self.refs = ref_texts(self._ref_values())
        self.refused: dict[int, Refusal] = {
            problem.row - batch.first_row: (problem.column, problem.reason, problem.remedy)
            for problem in batch.problems
        }
        self.shapes: Geometries = batch.geometry
        self.checked = CheckedGeometries(self.shapes, np.ones(len(batch), dtype=bool))
        self.facts = CheckedFacts([], {}, [], [], {})
        self.known: dict[str, Known] = {}
        self.first_id = 0
        self.ids: dict[int, int] = {}
        self.insert: Callable[[Session], None] = lambda session: None
        self.parents: dict[int, int] = {}
        self.late: dict[int, list[tuple[int, float]]] = {}
        self.gates: dict[int, tuple[float, float]] = {}
        self.names = [name or "" for name in self._texts("name")]
        self.certainties = read_certainties(self._texts("certainty"))
        self.check_length()
        self.check_shapes()
        self.check_facts()
        self.check_holders()
        self.shapes[list(self.refused)] = None
        self.touching = self._touching()
        self.sites = self._sites()

    def _ref_values(self) -> Sequence[object]:
        column = self.to.mapped.ref
        if column == ROW_NUMBER:
            return range(self.batch.first_row, self.batch.first_row + len(self.batch))
        return self.batch.columns[column]

    def look_up(self) -> None:
        """Ask the register what it holds under the refs of the rows, and for numbers for what it does not hold."""
        refs = [ref for ref in self.refs if ref is not None]
        if self.to.may_know(refs):
            self.known = known_refs(self.to.session, self.to.layer.id, refs)
        unknown = sum(ref not in self.known for ref in self.refs) if self.known else len(self.refs)
        if unknown:
            # SQLite counts from the rows that are written, and the batch before this one is not yet.
            self.first_id = max(reserve_ids(self.to.session, Site, unknown), self.to.next_id)
            self.to.next_id = self.first_id + unknown

    def check(self) -> None:
        """Check the rows against the register and the rows before them."""
        self.check_refs()
        self.check_reach()
        self.check_neighbours()

    def alive(self) -> list[int]:
        """The positions of the rows that are not refused and not unchanged."""
        if not self.refused:
            return list(range(len(self.batch)))
        return [position for position in range(len(self.batch)) if position not in self.refused]

    def check_length(self) -> None:
        """Refuse refs that no index could hold."""
        if max(map(len, filter(None, self.refs)), default=0) <= MOST_REF_SIGNS:
            return
        for position, ref in enumerate(self.refs):
            if ref is not None and len(ref) > MOST_REF_SIGNS:
                reason = Sentence("The ref has more than {most} signs.", most=MOST_REF_SIGNS)
                self.refused.setdefault(position, (self.to.mapped.ref, reason, Sentence("Shorten it.")))
                self.refs[position] = None

    def check_shapes(self) -> None:
        """Refuse rows without a usable geometry."""
        layer, options = self.to.layer, self.to.options
        shapes = self.shapes.copy()
        if options.outline:
            shapes = shapely.boundary(shapes)
        if options.on:
            self._stand_on(shapes)
        self.checked = check_geometries(shapes, layer.geometry_type, self.to.settings.area)
        self.shapes = self.checked.geometry
        for position, (reason, remedy) in self.checked.refusals.items():
            self.refused.setdefault(position, ("geometry", reason, remedy))

    def _stand_on(self, shapes: Geometries) -> None:
        holders = self.to.holders
        assert holders is not None
        for position, holder in enumerate(holders.find(shapes).tolist()):
            if holder >= 0:
                if shapely.get_type_id(shapes[position]) == shapely.GeometryType.POINT:
                    self.gates[position] = (round(shapes[position].x, 7), round(shapes[position].y, 7))
                shapes[position], self.parents[position] = holders.shapes[holder], int(holders.ids[holder])
            elif shapes[position] is not None:
                on = get_layer(str(self.to.options.on)).title
                reason = Sentence("No site of {layer} holds the place.", layer=on)
                remedy = Sentence("Import that layer first, or correct the position.")
                self.refused.setdefault(position, ("geometry", reason, remedy))

    def check_facts(self) -> None:
        """Refuse rows whose facts do not fit the layer."""
        has_entrance = set(ENTRANCE) <= set(self.to.layer.facts.model_fields)
        # The shape that a point was lent may be far larger than the place: note where the point was.
        self.facts = self.to.reader.read(self.batch.columns, len(self.batch), self.gates if has_entrance else {})
        for position, note in self.facts.refusals.items():
            self.refused.setdefault(position, note)
        for position, certainty in enumerate(self.certainties):
            if certainty is None:
                note = (
                    self.to.mapped.site["certainty"],
                    Sentence("The certainty is not a whole number from 0 to 10."),
                    CERTAINTY,
                )
                self.refused.setdefault(position, note)

    def check_refs(self) -> None:
        """Refuse rows without a ref of their own, or with one that is another's or was told before."""
        if self._are_new():
            return
        column, first_row = self.to.mapped.ref, self.batch.first_row
        taken: dict[str, int] = {}
        for position, ref in enumerate(self.refs):
            if ref is None:
                note = (column, Sentence("The row has no ref."), Sentence("Give the place its official number."))
                self.refused.setdefault(position, note)
                continue
            known = self.known.get(ref)
            if known is not None and known.replaced:
                note = (
                    column,
                    Sentence("“{ref}” was split or merged into other sites.", ref=ref),
                    Sentence("Import the new sites under their own refs."),
                )
                self.refused.setdefault(position, note)
            if ref in taken or self.to.was_told(ref, known.id if known else None):
                reason = told_before(ref, first_row + taken[ref] if ref in taken else None)
                self.refused.setdefault(position, (column, reason, Sentence("Keep one row for each place.")))
            taken.setdefault(ref, position)

    def _are_new(self) -> bool:
        """Return whether each row has a ref, and none of them stood in the register or the file before."""
        told = set(self.refs)
        alone = len(told) == len(self.refs) and None not in told and not self.known
        return alone and told.isdisjoint(self.to.refused_refs) and told.isdisjoint(self.to.fresh_refs)

    def check_reach(self) -> None:
        """Refuse places that lie, or lay until now, outside the districts of who imports."""
        ground, alive = self.to.ground, self.alive()
        if ground is None or not alive:
            return
        on_it = dict(zip(alive, lies_on(ground, self.shapes[alive]), strict=True))
        before = geometries_by_id(self.to.session, [known.id for known in self.known.values()])
        for position in alive:
            known = self.known.get(self.refs[position] or "")
            stayed = known is None or lies_on(ground, np.array([before[known.id]]))[0]
            if not (on_it[position] and stayed):
                reason = Sentence("The place lies outside the districts that you were given.")
                remedy = Sentence("Ask an administrator, or leave it to who has them.")
                self.refused[position] = ("geometry", reason, remedy)

    def check_holders(self) -> None:
        """Refuse places outside the site that must hold them."""
        inside, holders = self.to.layer.topology.inside, self.to.holders
        if inside is None or holders is None or self.to.options.on:
            return
        alive = self.alive()
        for position, holder in zip(alive, holders.find(self.shapes[alive]).tolist(), strict=True):
            if holder >= 0:
                self.parents[position] = int(holders.ids[holder])
            else:
                holder = get_layer(inside).title
                reason = Sentence("The place does not lie inside a site of {layer}.", layer=holder)
                remedy = Sentence("Import {layer} first, or correct the outline.", layer=holder)
                self.refused[position] = ("geometry", reason, remedy)

    def check_neighbours(self) -> None:
        """Set unchanged rows aside; refuse changed ones that cover ground that another site has."""
        self._skip_unchanged()
        neighbours, alive = self.to.neighbours, self.alive()
        if neighbours is None or not alive:
            return
        self._await(neighbours.overlaps_left(self.shapes, alive))
        clashes = self._clashes(neighbours.overlaps(self.shapes, alive, self._own_ids(alive)))
        for position, (other, area_m2) in clashes.items():
            note = overlap_note(0, self.refs[position], other, area_m2)
            self.refused[position] = (note.column, note.reason, note.remedy)

    def _await(self, overlaps: Iterable[Overlap]) -> None:
        """Note what is settled only by what becomes of other sites."""
        for position, other_id, area_m2 in overlaps:
            self.late.setdefault(position, []).append((other_id, area_m2))

    def _clashes(self, overlaps: Sequence[Overlap]) -> dict[int, tuple[str, float]]:
        """Return which rows yield, each to whom and how much ground: who stays where it is never does."""
        touching = [pair for pair in self.touching if not {pair.first, pair.second} & self.refused.keys()]
        stayed = self._stayed({overlap.position for overlap in overlaps}.union(*(pair[:2] for pair in touching)))
        self._await(overlap for overlap in overlaps if not self.to.settled(overlap.other_id))
        clashes: dict[int, tuple[str, float]] = {}
        for position, other_id, area_m2 in overlaps:
            if self.to.settled(other_id) and position not in stayed:
                clashes.setdefault(position, (refs_by_id(self.to.session, [other_id])[other_id], area_m2))
        for winner, loser, area_m2 in by_claim(touching, stayed):
            if winner not in clashes:
                clashes.setdefault(loser, (str(self.refs[winner]), area_m2))
        return clashes

    def _stayed(self, positions: Collection[int]) -> set[int]:
        """Return which of some rows leave a site of the register where it is; their ids are noted."""
        known = {position: self.known.get(str(self.refs[position])) for position in positions} if self.known else {}
        ids = {position: entry.id for position, entry in known.items() if entry and not entry.retired}
        if not ids:  # to ask for the session is to wait for who writes in it
            return set()
        before = geometries_by_id(self.to.session, list(ids.values()))
        stayed = {at for at, known_id in ids.items() if shapely.equals_identical(self.shapes[at], before[known_id])}
        self.to.stayed |= {ids[position] for position in stayed}
        return stayed

    def _own_ids(self, positions: list[int]) -> Any:
        if not self.known:
            return np.full(len(positions), -1, dtype=np.int64)
        known = (self.known.get(str(self.refs[position])) for position in positions)
        return np.array([entry.id if entry else -1 for entry in known], dtype=np.int64)

    def _skip_unchanged(self) -> None:
        for position in self.alive() if self.known else []:
            known = self.known.get(str(self.refs[position]))
            if known and known.checksum == self.sites.checksum[position] and not known.retired:
                self.refused[position] = UNCHANGED
                self.to.report.unchanged += 1
                self.to.seen.add(known.id)

    def _texts(self, name: str) -> Sequence[str | None]:
        """Return name or certainty of each row, as text."""
        column = self.to.mapped.site.get(name)
        return [None] * len(self.batch) if column is None else ref_texts(self.batch.columns[column])

    def _touching(self) -> list[Shared]:
        """Return what the shapes of the batch share with each other."""
        if self.to.neighbours is None:
            return []
        return overlaps_within(self.shapes, self.to.settings.overlap_tolerance_m2)

    def prepare(self) -> None:
        """Make ready what is to be written of what passed, which needs no look into the register."""
        alive = self.alive()
        new = [position for position in alive if self.refs[position] not in self.known] if self.known else alive
        self.ids = {position: self.first_id + offset for offset, position in enumerate(new)}
        if new:
            self.insert = prepare_sites(self.to.dialect_name, self.sites, self._fragments(), self.ids, self.to.now)

    def take(self) -> None:
        """Write what passed, and note what did not."""
        to, alive = self.to, self.alive()
        self._note_refusals()
        self._note_repairs(alive)
        to.report.later_refs += self._later(alive)
        to.fresh_refs = {str(self.refs[position]) for position in self.ids}
        changed = {position: self.known[str(self.refs[position])].id for position in alive if position not in self.ids}
        before = read_sites(to.session, [site_id for position, site_id in changed.items() if position in self.late])
        revised = [self.sites.at(position, site_id) for position, site_id in changed.items()]

        def write(session: Session) -> None:
            self.insert(session)
            update_sites(session, revised, to.now)

        to.desk.write(write)
        to.report.accepted += len(self.ids)
        to.report.updated += len(changed)
        to.changed |= set(changed.values())
        ids = self.ids | changed
        if to.neighbours:
            taken = np.array([ids[position] for position in alive], dtype=np.int64)
            to.neighbours.accept(
                taken, shapely.bounds(self.shapes[alive]), [self.sites.wkb[position] for position in alive]
            )
        for position, overlaps in self.late.items():
            if position in ids:
                row, site = self.batch.first_row + position, self.sites.at(position, ids[position])
                to.pending += [Pending(row, site, before.get(site.id), *overlap) for overlap in overlaps]
                if to.neighbours and site.id in before and before[site.id].until is None:
                    to.neighbours.leave(site.id, before[site.id].geom)

    def _note_refusals(self) -> None:
        self.to.report.read += len(self.batch)
        for position in sorted(self.refused):
            note = self.refused[position]
            if note is UNCHANGED:
                continue
            ref = self.refs[position]
            if ref is not None:
                self.to.refused_refs.add(ref)
            if ref is not None and ref in self.known:
                self.to.seen.add(self.known[ref].id)  # refused now, but not vanished
            self.to.report.reject(RowNote(self.batch.first_row + position, ref, *note))

    def _note_repairs(self, alive: list[int]) -> None:
        for position in set(alive) & set(self.checked.repairs):
            self.to.report.repaired += 1
            row, ref, said = self.batch.first_row + position, self.refs[position], self.checked.repairs[position]
            self.to.report.repairs.append(RowNote(row, ref, "geometry", said, LOOK))

    def _later(self, alive: list[int]) -> list[str]:
        """Return the refs of places that are there only from a day to come."""
        today, since = self.to.now.date(), self.sites.since
        if not any(since):
            return []
        begins = ((position, since[position]) for position in alive)
        return [str(self.refs[position]) for position, day in begins if day is not None and day > today]

    def _sites(self) -> SiteColumns:
        """Return what the rows say, as it is written unless they are refused; of those that are already, anything."""
        layer, count, rows = self.to.layer, len(self.batch), range(len(self.batch))
        nothing: list[None] = [None] * count
        measured = layer.geometry_type == "LineString"
        own: dict[str, Any] = {
            "ref": self.refs,
            "name": self.names,
            "area_m2": geodesic_areas_m2(self.shapes).tolist() if layer.geometry_type == "Polygon" else nothing,
            "length_m": [line and geodesic_length_m(line) for line in self.shapes] if measured else nothing,
            "certainty": self.certainties,
            "parent_id": [self.parents.get(position) for position in rows] if self.parents else nothing,
        }
        wkb, states = shapely.to_wkb(self.shapes).tolist(), self.facts.states
        return SiteColumns(
            layer=layer.id, geom=self.shapes, wkb=wkb, facts=self.facts.json,
            checksum=_checksums(wkb, json_texts(self.names), self.certainties, self.facts.json, own["parent_id"]),
            status=[status for status, _ in states],
            state=[state for _, state in states],
            since=self.facts.since,
            **own,
        )  # fmt: skip

    def _fragments(self) -> list[str]:
        """Return what is public of the rows: only of new places is it needed at once."""
        sites, ids = self.sites, list(self.ids.values())
        if len(ids) < len(self.batch):
            ids = [self.ids.get(position, 0) for position in range(len(self.batch))]
        return fragment_texts(
            self.to.layer, id=ids,
            geometry=geometry_texts(self.shapes), facts=self.facts.members, ref=sites.ref, name=sites.name,
            area_m2=sites.area_m2, length_m=sites.length_m, certainty=sites.certainty, parent_id=sites.parent_id,
        )  # fmt: skip


def _checksums(
    wkbs: Sequence[bytes | None], names: Sequence[str], certainties: Sequence[int | None], facts: Sequence[str],
    parents: Sequence[int | None],
) -> list[str]:  # fmt: skip
    """Return what tells whether a file says something new of each site; names and facts are JSON."""
    contents = (
        f'[{{"name":{name},"certainty":{certainty}}},{known},{"null" if parent is None else parent}]'.encode()
        for name, certainty, known, parent in zip(names, certainties, facts, parents, strict=True)
    )
    return [blake2b((wkb or b"") + own, digest_size=12).hexdigest() for wkb, own in zip(wkbs, contents, strict=True)]
