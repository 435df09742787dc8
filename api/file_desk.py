"""Make files of what runs found: each once for all its readers, and one at a time."""

import tempfile
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Literal

from api.kept import Kept
from geocommons.errors import TooMany
from geocommons.language import mark
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.exports.runs import export_figures, export_run

RunFile = Literal["report.pdf", "map.png", "map.html", "figures.csv", "all.gpkg"]
FILES_KEPT = 96 << 20
BUSY = mark("Many files are being made at this moment. Try again in a minute.")
MOST_WAITING, RETRY_AFTER_S = 6, 60
"""Files that may wait to be made: each holds a thread that pages are served with."""


class FileDesk:
    """The files of one register's runs.

    A file is kept under the register's version, so that no name is in it longer than in the register.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._files = Kept[bytes](FILES_KEPT, lambda content: len(content) + 200)
        self._places = BoundedSemaphore(MOST_WAITING)
        self._drawing = Lock()

    def get(self, run: Run, file: RunFile, language: str, version: int) -> bytes:
        """Return a file of a run in a language; raises TooMany where many others are being made."""
        key = (run.id, run.published_at, file, language, version)
        return self._files.get(key, lambda: self._make(run, file, language))

    def _make(self, run: Run, file: RunFile, language: str) -> bytes:
        if not self._places.acquire(blocking=False):
            raise TooMany(BUSY, retry_after_s=RETRY_AFTER_S)
        try:
            # Drawing takes a whole core, and what draws is not made for several threads at once.
            with self._drawing, tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / file
                write = export_figures if file == "figures.csv" else export_run
                write(self._store, self._settings, run, path, language=language)
                return path.read_bytes()
        finally:
            self._places.release()
