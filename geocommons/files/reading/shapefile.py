"""What GDAL leaves to chance in a Shapefile: a missing index, a cut-off file, the encoding of its table."""

import struct
from pathlib import Path

from geocommons.errors import UnreadableFile

HEADER_BYTES = 100
DBF_HEADER_BYTES = 32
SAMPLE_BYTES = 1_048_576
LATIN = ("iso-8859-1", "iso 8859-1", "iso8859-1", "88591", "latin1", "1252", "cp1252", "ansi 1252", "windows-1252")


def sibling(shp: Path, suffix: str) -> Path:
    """Return the path of a part of a Shapefile, in lower or upper case as it stands."""
    upper = shp.with_suffix(suffix.upper())
    return upper if upper.is_file() else shp.with_suffix(suffix)


def refuse_cut_off(path: Path) -> None:
    """Refuse a .shp or .dbf that is shorter than its header says: GDAL would leave blank what is lacking."""
    dbf = sibling(path, ".dbf")
    for file, needed_bytes in ((path, _shp_bytes(path)), (dbf, _dbf_bytes(dbf) if dbf.is_file() else 0)):
        if needed_bytes and needed_bytes > file.stat().st_size:
            raise UnreadableFile(
                "{file} is cut off: it is shorter than it says. Ask for the file again.", file=file.name
            )


def refuse_unequal(path: Path) -> None:
    """Refuse a Shapefile whose table has fewer or more rows than it has shapes: GDAL goes by the shorter one."""
    shx, dbf = sibling(path, ".shx"), sibling(path, ".dbf")
    if not (shx.is_file() and dbf.is_file()):
        return
    shapes = (shx.stat().st_size - HEADER_BYTES) // 8
    with dbf.open("rb") as file:
        head = file.read(DBF_HEADER_BYTES)
    rows = int(struct.unpack("<I", head[4:8])[0])
    if rows != shapes:
        raise UnreadableFile(
            "{file} has {rows} rows for {shapes} shapes. Ask for all its parts again.",
            file=dbf.name,
            rows=rows,
            shapes=shapes,
        )


def _shp_bytes(shp: Path) -> int:
    with shp.open("rb") as file:
        head = file.read(HEADER_BYTES)
    return int(struct.unpack(">i", head[24:28])[0]) * 2 if len(head) == HEADER_BYTES else HEADER_BYTES


def _dbf_bytes(dbf: Path) -> int:
    with dbf.open("rb") as file:
        head = file.read(DBF_HEADER_BYTES)
    if len(head) < DBF_HEADER_BYTES:
        return DBF_HEADER_BYTES
    rows, header_bytes, row_bytes = struct.unpack("<IHH", head[4:12])
    return int(header_bytes + rows * row_bytes)


def write_index(shp: Path, shx: Path) -> None:
    """Write the index (.shx) that a .shp lacks: offset and length of each record, in 16-bit words (ESRI 1998)."""
    size = shp.stat().st_size
    with shp.open("rb") as source:
        head = source.read(HEADER_BYTES)
        entries, at = bytearray(), HEADER_BYTES
        while at + 8 <= size:
            source.seek(at + 4)
            words = struct.unpack(">i", source.read(4))[0]
            if words < 2:
                break
            entries += struct.pack(">ii", at // 2, words)
            at += 8 + 2 * words
    shx.write_bytes(head[:24] + struct.pack(">i", (HEADER_BYTES + len(entries)) // 2) + head[28:] + entries)


def table_encoding(shp: Path) -> str | None:
    """Return the encoding of a table where what it says itself is not to be believed; None: GDAL follows what it says.

    One that names none is UTF-8 if it reads so, or else Windows Latin-1. One that says Latin-1 and reads as UTF-8, with
    letters beyond ASCII, is UTF-8: Latin-1 gives such pairs of bytes no sense, and many programs write this wrongly.
    """
    dbf = sibling(shp, ".dbf")
    if not dbf.is_file():
        return None
    with dbf.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    said = _said_encoding(sibling(shp, ".cpg"), sample)
    if len(sample) < DBF_HEADER_BYTES or said not in ("", *LATIN):
        return None
    try:
        text = sample[DBF_HEADER_BYTES:].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 36:
            return None if said else "CP1252"
        return "UTF-8"
    return "UTF-8" if not (said and text.isascii()) else None


def _said_encoding(cpg: Path, table: bytes) -> str:
    """Return the encoding that a .cpg or else the table names, in lower case; empty if they name none."""
    if cpg.is_file():
        return cpg.read_text("ascii", "replace").strip().casefold()
    page = table[29] if len(table) > 29 else 0  # GDAL writes and knows more of them; these are what is written wrongly
    return {0: "", 0x03: "1252", 0x57: "1252"}.get(page, "other")
