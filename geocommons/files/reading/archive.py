"""Zip archives as GDAL reads them: the file in one that is meant, its bytes, and what none of them may do."""

import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from geocommons.errors import UnreadableFile
from geocommons.files.reading.shapefile import refuse_cut_off, refuse_unequal, sibling, write_index

IN_ARCHIVE = "/vsizip/"
ARCHIVED = (".shp", ".gpkg", ".geojson", ".json", ".topojson", ".fgb", ".gml", ".kml", ".gpx", ".tab", ".mif", ".gdb")
SIDECARS = (".shp", ".dbf", ".prj", ".cpg", ".gml", ".xsd")
HEAD_BYTES = 65_536
MOST_TIMES, LARGE_BYTES = 200, 100_000_000
"""Up to how many times its size an archive may unpack to, if that is large: geometry never shrinks that much."""


def find_member(path: Path, layer: str | None) -> tuple[str, str | None]:
    """Return the one vector file in an archive, or the one that is named, as GDAL addresses it; and its layer."""
    names = _contents(path)
    folders = {parent for name in names for parent in name.parents if parent.suffix.lower() == ".gdb"}
    members = sorted(folders | {name for name in names if name.suffix.lower() in ARCHIVED})
    chosen = [member for member in members if layer in (None, member.stem, str(member))]
    if len(chosen) == 1:
        return f"{IN_ARCHIVE}{path.resolve()}/{chosen[0]}", None
    if len(members) == 1:
        return f"{IN_ARCHIVE}{path.resolve()}/{members[0]}", layer
    if not members:
        raise UnreadableFile("{file} holds no vector file. Unpack it and name the file to read.", file=path.name)
    raise UnreadableFile(
        "{file} holds several files: {members}. Say which with --layer.",
        file=path.name,
        members=", ".join(_told_apart(members)),
    )


def _told_apart(members: Sequence[PurePosixPath]) -> list[str]:
    """Return the names of files in an archive, with their folders where one name stands in several."""
    stems = [member.stem for member in members]
    return stems if len(set(stems)) == len(stems) else list(map(str, members))


def _refuse_bomb(path: Path, unpacked_bytes: int) -> None:
    """Refuse an archive that would keep this machine busy for nothing; no member gives more than it says it has."""
    if unpacked_bytes > max(LARGE_BYTES, MOST_TIMES * path.stat().st_size):
        raise UnreadableFile(
            "{file} would unpack to {unpacked} MB, over {most} times its size. Unpack it, and name the file to read.",
            file=path.name, unpacked=unpacked_bytes // 1_000_000, most=MOST_TIMES,
        )  # fmt: skip


def _contents(path: Path) -> list[PurePosixPath]:
    """Return the names in an archive; refuse one whose checksums are wrong, which GDAL does not compare."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(path, sum(member.file_size for member in archive.infolist()))
            damaged = archive.testzip() is not None
            names = [PurePosixPath(name) for name in archive.namelist() if not name.startswith("__MACOSX")]
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError):
        damaged, names = True, []
    if damaged:
        raise UnreadableFile("{file} is not an archive that can be read. Ask for the file again.", file=path.name)
    return names


@contextmanager
def bytes_of(path: Path, place_of: str) -> Iterator[IO[bytes]]:
    """Open the file, or the member of an archive, that GDAL is pointed at."""
    if not place_of.startswith(IN_ARCHIVE):
        with Path(place_of).open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive, archive.open(_within(path, place_of)) as member:
        yield member


def head_of(path: Path, place_of: str) -> bytes:
    """Return the first bytes of a file, or of the archive member that GDAL is pointed at."""
    with bytes_of(path, place_of) as file:
        return file.read(HEAD_BYTES)


def tail_of(path: Path, place_of: str) -> bytes:
    """Return the last bytes of a file, or of the archive member that GDAL is pointed at."""
    with bytes_of(path, place_of) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - HEAD_BYTES))
        return file.read()


def unpack_shapefile(path: Path, place_of: str, folder: Path) -> Path:
    """Unpack the parts of a Shapefile: GDAL takes what is in an archive as it says it is, and wants its index."""
    wanted = PurePosixPath(_within(path, place_of))
    with zipfile.ZipFile(path) as archive:
        for name in map(PurePosixPath, archive.namelist()):
            if name.with_suffix("") == wanted.with_suffix("") and name.suffix.lower() in SIDECARS:
                with archive.open(str(name)) as part, (folder / f"part{name.suffix.lower()}").open("wb") as file:
                    shutil.copyfileobj(part, file)
    shp = folder / f"part{wanted.suffix.lower()}"
    refuse_cut_off(shp)
    refuse_unequal(shp)
    if not sibling(shp, ".shx").is_file():
        write_index(shp, shp.with_suffix(".shx"))
    return shp


def _within(path: Path, place_of: str) -> str:
    """Return the name in an archive of what GDAL is pointed at."""
    return place_of.split(f"{path.resolve()}/", 1)[1]
