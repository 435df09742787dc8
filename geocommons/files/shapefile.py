"""What GDAL leaves to chance in a Shapefile: a missing index, a cut-off file, the encoding of its table."""

import struct
from pathlib import Path

from geocommons.errors import UnreadableFile

HEADER_BYTES = 100
DBF_HEADER_BYTES = 32
SAMPLE_BYTES = 1_048_576


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
    """Return the encoding of a table that names none itself: UTF-8 if it reads so, or else Windows Latin-1."""
    dbf = sibling(shp, ".dbf")
    if not dbf.is_file() or sibling(shp, ".cpg").is_file():
        return None
    with dbf.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    if len(sample) < 32 or sample[29]:  # the byte that names a code page: GDAL follows it
        return None
    try:
        sample[32:].decode("utf-8")
    except UnicodeDecodeError as error:
        return "CP1252" if error.start < len(sample) - 36 else "UTF-8"
    return "UTF-8"
