"""What GDAL leaves out of JSON without a word: lines that are no JSON, and members that are no feature."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeGuard

import orjson

from geocommons.errors import UnreadableFile
from geocommons.files.reading.table import decode

CHUNK_BYTES = 1_048_576
RECORD_MARK = b"\x1e"  # RFC 8142
NUL = re.compile(rb"\0|(?<!\\)(?:\\\\)*\\u0000")
NUL_BYTES = 64  # and as many signs before it that may escape each other
CUT_SHORT = re.compile(rb'"exceededTransferLimit"\s*:\s*true')
CUT_SHORT_BYTES = 200  # with blanks between
GEOMETRY = b'"geometry"'
TYPE = b'"Feature"'
TOPOLOGY = b'"Topology"'
EMPTY = {"type": "MultiPoint", "coordinates": []}


def refuse_nul(path: Path, text: IO[bytes]) -> None:
    """Refuse JSON with a NUL, as a byte or as an escape: GDAL takes it for the end of the value, or of the file."""
    if any(NUL.search(piece) for piece in _pieces(text, NUL_BYTES)):
        raise nul_in(path)


def nul_in(path: Path) -> UnreadableFile:
    """Return the refusal of a file with a NUL in one of its texts."""
    return UnreadableFile(
        "{file} holds a NUL sign, at which programs take a text to end. Take it out, or ask for the file again.",
        file=path.name,
    )


def refuse_cut_short(path: Path, text: IO[bytes]) -> None:
    """Refuse an answer of an ArcGIS server that says itself that the server had more rows than it gave."""
    if any(CUT_SHORT.search(piece) for piece in _pieces(text, CUT_SHORT_BYTES)):
        raise UnreadableFile(
            "{file} lacks rows: its server stopped at its limit (exceededTransferLimit). Ask it for all of them, page"
            " by page, and put the pages into one file.",
            file=path.name,
        )


def refuse_broken_lines(path: Path, text: IO[bytes]) -> None:
    """Refuse a text sequence of GeoJSON in which a line is no JSON object, by the number of that line.

    GDAL stops at a line that is another value (null), as if the file ended there.
    """
    for line, record in _records(text):
        if not isinstance(_parsed(record), dict):
            raise UnreadableFile("{file} is damaged in line {line}. Ask for the file again.", file=path.name, line=line)


def _parsed(raw: bytes) -> object:
    """Return a JSON value, None for what is none; what is not strict is read as GDAL does (NaN, a byte-order mark)."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(decode(raw).removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _records(text: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield where each record begins and its JSON: a line, or the lines up to the next mark where there are marks."""
    text.seek(0)
    begun, held = 1, b""
    for number, line in enumerate(text, start=1):
        if line.startswith(RECORD_MARK):
            if held.strip():
                yield begun, held
            begun, held = number, line[1:]
        elif held:
            held += line
        elif line.strip():
            yield number, line
    if held.strip():
        yield begun, held


def refuse_lost_features(path: Path, text: IO[bytes], count: int) -> None:
    """Refuse a collection of which GDAL found fewer features than it has members.

    To know its members means to hold all of it in memory; so words that each Feature has are counted first.
    """
    if _occurrences(text, GEOMETRY) <= count and _occurrences(text, TYPE) == count:
        return
    collection = _whole(path, text)
    _refuse_lost(path, collection.get("features"), count, _is_feature)


def refuse_lost_geometries(path: Path, text: IO[bytes], count: int, layer: str) -> None:
    """Refuse an object of a TopoJSON of which GDAL found fewer features than it has geometries."""
    objects = _whole(path, text).get("objects")
    chosen = objects.get(layer) if isinstance(objects, dict) else None
    _refuse_lost(path, chosen.get("geometries") if isinstance(chosen, dict) else None, count, _has_type)


def with_empty_places(text: IO[bytes]) -> bytes | None:
    """Return a TopoJSON whose geometries of the type null are empty ones instead; None for what has none.

    They are places that nobody drew, and GDAL leaves them out with all that is said of them.
    """
    if not _occurrences(text, TOPOLOGY):
        return None
    text.seek(0)
    topology = _parsed(text.read())
    objects = topology.get("objects") if isinstance(topology, dict) else None
    collections = objects.values() if isinstance(objects, dict) else ()
    members = [one.get("geometries") for one in collections if isinstance(one, dict)]
    undrawn = [place for some in members if isinstance(some, list) for place in some if _is_undrawn(place)]
    for place in undrawn:
        place |= EMPTY
    return orjson.dumps(topology) if undrawn else None


def _is_undrawn(place: object) -> TypeGuard[dict[str, object]]:
    return isinstance(place, dict) and place.get("type", "") is None


def _whole(path: Path, text: IO[bytes]) -> dict[str, object]:
    """Return all of a JSON object, or refuse what goes on behind its end, where GDAL stops reading."""
    text.seek(0)
    found = _parsed(text.read())
    if not isinstance(found, dict):
        raise UnreadableFile(
            "{file} is damaged, or not a vector file. Ask for it again, or save it as GeoPackage.", file=path.name
        )
    return found


def _refuse_lost(path: Path, members: object, count: int, is_good: Callable[[object], bool]) -> None:
    if not isinstance(members, list) or len(members) == count:
        return
    bad = next((at for at, member in enumerate(members, start=1) if not is_good(member)), len(members))
    raise UnreadableFile(
        "Member {at} of {file} cannot be read as a feature. Correct it, or leave it out.", file=path.name, at=bad
    )


def _is_feature(member: object) -> bool:
    return isinstance(member, dict) and member.get("type") == "Feature"


def _has_type(member: object) -> bool:
    return isinstance(member, dict) and bool(member.get("type"))


def _occurrences(text: IO[bytes], word: bytes) -> int:
    """Return how often a word stands in a file, read in pieces."""
    return sum(piece.count(word) for piece in _pieces(text, len(word)))


def _pieces(text: IO[bytes], most: int) -> Iterator[bytes]:
    """Yield a file in pieces; each begins with the end of the one before, too short to hold a word of `most` bytes."""
    text.seek(0)
    tail = b""
    while chunk := text.read(CHUNK_BYTES):
        piece = tail + chunk
        yield piece
        tail = piece[-most + 1 :]
