"""Hand out tiles: kept ones while they are true, fresh ones else."""

from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, get_args

from sqlalchemy.orm import Session

from api.kept import Kept
from geocommons.errors import NotFound, NotReady
from geocommons.files.frame_tiles import FrameTiles
from geocommons.layer import Layer, all_layers
from geocommons.model.context_set import ContextKind
from geocommons.settings import Settings
from geocommons.store.context_sets import find_context
from geocommons.store.engine import Store
from geocommons.store.runs import get_run
from geocommons.store.schema import check_ready
from geocommons.store.tiles import Centres, read_centres
from geocommons.store.version import read_version
from geocommons.usecases.tiles import count_tile, frame_tile, is_counted, may_be_counted, open_frame, site_tile

MEGABYTE = 1 << 20
TILES_KEPT = 64 * MEGABYTE
CENTRES_KEPT = 256 * MEGABYTE
FILES_KEPT = 256 * MEGABYTE
"""GeoParquet files on disk; open, they take three to five times as much."""
BASE_MAP = ("water", "green", "streets", "districts")
CONTEXT_KINDS: tuple[str, ...] = get_args(ContextKind)


class TileDesk:
    """The tiles of one register.

    A tile is kept under the register's version, so it is never older than the register, whichever process wrote to it.
    Everything is read in the session of who asks: with a second one each, many who ask at once would wait for each
    other.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._tiles = Kept[bytes](TILES_KEPT, lambda tile: len(tile) + 200)
        self._centres = Kept[Centres](CENTRES_KEPT, lambda centres: 25 * len(centres.lon) + 200)
        self._frames = Kept[tuple[FrameTiles, int]](FILES_KEPT, lambda opened: opened[1])

    def collection(self, session: Session, name: str, day: date, version: int, z: int, x: int, y: int) -> bytes:
        """Return a tile of a layer on a day, or of the current context of a kind; b"" if nothing is in it."""
        self.check(name)
        if name in CONTEXT_KINDS:
            return self._tiles.get((name, version, z, x, y), partial(self._context_tile, session, name, z, x, y))
        make = partial(self._layer_tile, session, all_layers()[name], day, version, z, x, y)
        return self._tiles.get((name, day, version, z, x, y), make)

    def check(self, name: str) -> None:
        """Refuse a name that is neither a layer nor a kind of context."""
        known = (*all_layers(), *CONTEXT_KINDS)
        if name not in known:
            raise NotFound(
                "There is no collection “{collection}”. There are: {collections}.",
                collection=name, collections=", ".join(known),
            )  # fmt: skip

    def run(self, run_id: int, output: str, z: int, x: int, y: int) -> bytes:
        """Return a tile of an output of an analysis."""
        return self._tiles.get(("run", run_id, output, z, x, y), partial(self._run_tile, run_id, output, z, x, y))

    def warm(self) -> None:
        """Read what a first look at the map needs, so that nobody waits for it; what is missing, a reader is told."""
        with suppress(NotReady):
            check_ready(self._store)
            with self._store.asking() as session:
                version = read_version(session)
                for layer in filter(lambda layer: may_be_counted(layer, 0), all_layers().values()):
                    self._layer_centres(session, layer.id, version)
                for kind in BASE_MAP:
                    self._context_tile(session, kind, 0, 0, 0)

    def _layer_tile(
        self, session: Session, layer: Layer[Any], day: date, version: int, z: int, x: int, y: int
    ) -> bytes:
        if may_be_counted(layer, z):
            centres = self._layer_centres(session, layer.id, version)
            if is_counted(layer, z, len(centres.on(day))):
                return count_tile(centres, layer, day, z, x, y)
        return site_tile(session, layer, day, z, x, y)

    def _layer_centres(self, session: Session, layer_id: str, version: int) -> Centres:
        return self._centres.get((layer_id, version), partial(read_centres, session, layer_id))

    def _context_tile(self, session: Session, kind: str, z: int, x: int, y: int) -> bytes:
        found = find_context(session, kind)
        if found is None:
            return b""
        return frame_tile(self._frame(self._settings.context_dir / found.path, kind, found.checksum), kind, z, x, y)

    def _run_tile(self, run_id: int, output: str, z: int, x: int, y: int) -> bytes:
        with self._store.reading() as session:
            outputs = get_run(session, run_id).outputs
        if output not in outputs:
            raise NotFound("Run {run} has no “{name}”.", run=run_id, name=output)
        path = self._settings.runs_dir / outputs[output]
        return frame_tile(self._frame(path, output, run_id, found=True), output, z, x, y)

    def _frame(self, path: Path, name: str, mark: object, *, found: bool = False) -> FrameTiles:
        def open_it() -> tuple[FrameTiles, int]:
            return open_frame(path, name, found=found), path.stat().st_size

        return self._frames.get((path, name, mark), open_it)[0]
