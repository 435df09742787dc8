"""What an import knows while it is under way: its options, and what the file has said so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import shapely
from sqlalchemy.orm import Session

from geocommons.language import Sentence
from geocommons.layer import Layer, get_layer
from geocommons.numerals import Amount
from geocommons.settings import Settings
from geocommons.store.register import ChangedSite, current_bounds, first_new_id, geometries_by_id, holds_any
from geocommons.store.stewardship import site_frame
from geocommons.usecases.imports.ahead import Desk
from geocommons.usecases.imports.facts import FactReader, Mapped
from geocommons.usecases.imports.holders import Holders
from geocommons.usecases.imports.neighbours import Neighbours
from geocommons.usecases.imports.report import Report, RowNote
from geocommons.usecases.reach import ground_of


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How a file is to be read; `columns` maps facts (and name, certainty) to columns of the file.

    `outline` takes the outline of polygons for a layer of lines (the banks of a river drawn as an area);
    `on` gives a point the shape of the site of that layer that holds it, which becomes its parent.
    """

    file_layer: str | None = None
    crs: str | None = None
    x: str | None = None
    y: str | None = None
    ref: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    outline: bool = False
    on: str | None = None
    dry_run: bool = False
    on_error: Literal["reject", "abort"] = "reject"
    retire_missing: bool = False
    record: str | None = None


@dataclass(frozen=True)
class Pending:
    """An overlap with a site of the register that the file may still redraw."""

    row: int
    site: ChangedSite
    before: ChangedSite | None
    other_id: int
    area_m2: float


@dataclass
class Intake:
    """One import under way.

    Of the sites that the register knew, `seen` stay as they are and `changed` were written, of which some `stayed`
    where they are; those that are new have ids from `first_id` on, so far below `next_id`. `ground` is where who
    imports may act, or None for everywhere.
    A ref counts at its first row in the file, even if that is refused; `fresh_refs` are those of the batch that was
    written last, which the look-up of the next one came too early to find. `told` has the hashes of all refs so far if
    the register held none of the layer: then nothing needs to be looked up but what the file says twice.
    """

    desk: Desk
    settings: Settings
    layer: Layer[Any]
    options: ImportOptions
    mapped: Mapped
    report: Report
    now: datetime
    reader: FactReader
    first_id: int
    holders: Holders | None
    neighbours: Neighbours | None
    ground: shapely.Geometry | None
    told: set[int] | None
    next_id: int = 0
    seen: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    stayed: set[int] = field(default_factory=set)
    refused_refs: set[str] = field(default_factory=set)
    fresh_refs: set[str] = field(default_factory=set)
    pending: list[Pending] = field(default_factory=list)

    @property
    def session(self) -> Session:
        """The session, when nobody writes in it."""
        return self.desk.session

    @property
    def dialect_name(self) -> str:
        """Which database it is; to know that needs no waiting for who writes in it."""
        return self.desk.dialect_name

    def may_know(self, refs: Sequence[str]) -> bool:
        """Return whether the register may hold one of the refs of a batch; all of them are told from now on."""
        if self.told is None:
            return True
        hashes = set(map(hash, refs))
        may_know = not self.told.isdisjoint(hashes)
        self.told |= hashes
        return may_know

    def was_told(self, ref: str, site_id: int | None) -> bool:
        """Return whether a row of an earlier batch has a ref; its site is named if the register knew it."""
        if ref in self.refused_refs or ref in self.fresh_refs:
            return True
        return site_id is not None and self.settled(site_id)

    def settled(self, site_id: int) -> bool:
        """Return whether the file has already said what becomes of a site."""
        return site_id >= self.first_id or site_id in self.changed or site_id in self.seen


def open_intake(
    desk: Desk,
    settings: Settings,
    layer: Layer[Any],
    options: ImportOptions,
    mapped: Mapped,
    report: Report,
    now: datetime,
) -> Intake:
    """Return an intake that knows what the register holds of the layer, and of the layer that must hold it."""
    session = desk.session
    holder_layer = options.on or layer.topology.inside
    holders, neighbours = None, None
    if holder_layer is not None:
        holders = Holders.of(site_frame(session, [get_layer(holder_layer).id], now.date()))
    if layer.topology.no_overlap:
        neighbours = Neighbours(lambda ids: geometries_by_id(desk.session, ids), settings.overlap_tolerance_m2)
        neighbours.know(*current_bounds(session, layer.id))
    return Intake(
        desk, settings, layer, options, mapped, report, now,
        FactReader(layer, mapped), first_new_id(session), holders, neighbours,
        ground_of(session, settings, session.info["actor"]), None if holds_any(session, layer.id) else set(),
    )  # fmt: skip


def overlap_note(row: int, ref: str | None, other: str, area_m2: float) -> RowNote:
    """Return the note of a place that covers ground of another."""
    reason = Sentence("The place covers {area_m2} m2 of “{other}”.", area_m2=Amount(area_m2, 1), other=other)
    return RowNote(row, ref, "geometry", reason, Sentence("Draw the shared boundary once, or retire the other first."))


def told_before(ref: str, earlier: int | None) -> Sentence:
    """Return that a ref stands in the file before, in a row that is named if it is known."""
    if earlier is None:
        return Sentence("“{ref}” stands in the file before.", ref=ref)
    return Sentence("“{ref}” stands in the file before (row {earlier}).", ref=ref, earlier=earlier)
