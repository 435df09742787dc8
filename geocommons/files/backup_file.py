"""The file of a backup: a ZIP of rows as JSON lines and of files, with the SHA-256 of each part inside."""

import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson

from geocommons.errors import UnreadableFile
from geocommons.language import mark

FORM = "geocommons-backup 1"
MANIFEST, CHECKSUMS = "manifest.json", "checksums.json"
DAMAGED = mark("{file} is damaged, or no backup of GeoCommons; nothing was restored. Take another copy.")
FAST = 3
READ_AT_ONCE = 1 << 20
ROWS_AT_ONCE = 500


class BackupWriter:
    """A backup in the making; parts are written one after the other, never held in memory."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self._checksums = archive, dict[str, str]()

    def add_rows(self, name: str, rows: Iterable[Any]) -> int:
        """Write rows as lines of JSON, and return how many they were."""
        count = 0
        with self._part(name) as write:
            lines: list[bytes] = []
            for count, row in enumerate(rows, start=1):
                lines.append(orjson.dumps(row))
                if count % ROWS_AT_ONCE == 0:
                    write(b"\n".join(lines) + b"\n")
                    lines.clear()
            write(b"".join(line + b"\n" for line in lines))
        return count

    def add_bytes(self, name: str, content: bytes) -> None:
        """Write a small part."""
        with self._part(name) as write:
            write(content)

    def add_file(self, name: str, path: Path) -> None:
        """Write a file of the data folder; GeoParquet is packed already."""
        with self._part(name, zipfile.ZIP_STORED) as write, path.open("rb") as file:
            while chunk := file.read(READ_AT_ONCE):
                write(chunk)

    def close(self, manifest: dict[str, Any]) -> None:
        """Write what the backup holds, and the checksums."""
        self.add_bytes(MANIFEST, orjson.dumps({"form": FORM, **manifest}, option=orjson.OPT_INDENT_2))
        self._archive.writestr(CHECKSUMS, orjson.dumps(self._checksums, option=orjson.OPT_INDENT_2))

    @contextmanager
    def _part(self, name: str, how: int = zipfile.ZIP_DEFLATED) -> Iterator[Callable[[bytes], None]]:
        info = zipfile.ZipInfo(name)
        info.compress_type, info._compresslevel = how, FAST  # type: ignore[attr-defined]
        digest = hashlib.sha256()
        with self._archive.open(info, "w", force_zip64=True) as part:

            def write(chunk: bytes) -> None:
                digest.update(chunk)
                part.write(chunk)

            yield write
        self._checksums[name] = digest.hexdigest()


@contextmanager
def writing_backup(path: Path) -> Iterator[BackupWriter]:
    """Write a backup, readable by its owner alone; the file appears under its name when it is whole and on the disk."""
    aside = path.with_name(f".{path.name}.writing")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                yield BackupWriter(archive)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


class BackupReader:
    """A backup that was read through once and is what was written."""

    def __init__(self, name: str, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
        self.name, self._archive, self.manifest = name, archive, manifest

    def rows(self, name: str) -> Iterator[Any]:
        """Yield the rows of a part."""
        with self._archive.open(name) as part:
            for line in part:
                yield orjson.loads(line)

    def content(self, name: str) -> bytes:
        """Return a small part, nothing if there is none of that name."""
        return self._archive.read(name) if name in self._archive.NameToInfo else b""

    def extract(self, name: str, to: Path) -> None:
        """Write a part as a file; a name that leads elsewhere is that of no backup of ours."""
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise UnreadableFile(DAMAGED, file=self.name)
        to.parent.mkdir(parents=True, exist_ok=True)
        with self._archive.open(name) as part, to.open("wb") as file:
            shutil.copyfileobj(part, file, READ_AT_ONCE)


@contextmanager
def reading_backup(path: Path) -> Iterator[BackupReader]:
    """Open a backup after reading all of it once; refuse a file that is none, or not all that was written."""
    if not path.is_file():
        raise UnreadableFile("There is no file {file}.", file=path.name)
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            manifest = _check(archive)
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, OSError, ValueError) as error:
            raise UnreadableFile(DAMAGED, file=path.name) from error
        yield BackupReader(path.name, archive, manifest)


def _check(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return the manifest when every part has the checksum that was written for it; no part may be more or less."""
    checksums = dict(orjson.loads(archive.read(CHECKSUMS)))
    if sorted(archive.namelist()) != sorted([*checksums, CHECKSUMS]):
        raise ValueError("parts")
    for name, expected in checksums.items():
        with archive.open(name) as part:
            digest = hashlib.sha256()
            while chunk := part.read(READ_AT_ONCE):
                digest.update(chunk)
        if digest.hexdigest() != expected:
            raise ValueError(name)
    manifest: dict[str, Any] = orjson.loads(archive.read(MANIFEST))
    if manifest["form"] != FORM:
        raise ValueError("form")
    return manifest
