"""Decode the ways and nodes of an OpenStreetMap PBF file, with their ids (OSM wiki, "PBF Format")."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geocommons.errors import UnreadableFile

Ints = NDArray[np.int64]
Message = dict[int, list[bytes | int]]

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_BLOB_BYTES = 32 * 1024 * 1024
NANODEGREE = 1e-9


@dataclass(frozen=True)
class Way:
    """One way: its node ids in order, and its tags."""

    id: int
    nodes: Ints
    tags: dict[str, str]


@dataclass(frozen=True)
class Nodes:
    """Positions of nodes: ids in increasing order, lon and lat in degrees."""

    ids: Ints
    lonlat: NDArray[np.float64]


def read_ways(path: Path, key: str) -> list[Way]:
    """Return the ways that carry a tag with this key, in the order of the file."""
    ways: list[Way] = []
    for block in _blocks(path):
        strings = [bytes_of(text) for text in parse(bytes_of(block[1][0])).get(1, [])]
        wanted = strings.index(key.encode()) if key.encode() in strings else None
        if wanted is None:
            continue
        for group in block.get(2, []):
            for raw in parse(bytes_of(group)).get(3, []):
                way = _way(parse(bytes_of(raw)), strings, wanted)
                if way is not None:
                    ways.append(way)
    return ways


def read_nodes(path: Path, wanted: Ints) -> Nodes:
    """Return the positions of those of the wanted nodes (sorted ids) that the file holds."""
    ids: list[Ints] = []
    lonlats: list[NDArray[np.float64]] = []
    for block in _blocks(path):
        for group in block.get(2, []):
            fields = parse(bytes_of(group))
            for found, lon, lat in [*map(_dense, fields.get(2, [])), *map(_single, fields.get(1, []))]:
                at = np.searchsorted(wanted, found)
                kept = (at < len(wanted)) & (wanted[np.minimum(at, len(wanted) - 1)] == found)
                ids.append(found[kept])
                lonlats.append(np.column_stack([_degrees(block, lon[kept], 20), _degrees(block, lat[kept], 19)]))
    if not ids:
        return Nodes(np.empty(0, np.int64), np.empty((0, 2)))
    every, first = np.unique(np.concatenate(ids), return_index=True)
    return Nodes(every, np.concatenate(lonlats)[first])


def parse(data: bytes) -> Message:
    """Return the fields of a protobuf message by number: integers as they stand, everything else as bytes."""
    fields: Message = {}
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        value: bytes | int
        if kind == VARINT:
            value, at = _varint(data, at)
        elif kind in (BYTES, FIXED64, FIXED32):
            size, at = _varint(data, at) if kind == BYTES else (8 if kind == FIXED64 else 4, at)
            value, at = data[at : at + size], at + size
            if at > end:
                raise ValueError("a field is longer than its message")
        else:
            raise ValueError(f"wire type {kind}")
        fields.setdefault(number, []).append(value)
    return fields


def bytes_of(value: bytes | int) -> bytes:
    """Return a field that must be bytes."""
    if isinstance(value, int):
        raise ValueError("a number where bytes are due")
    return value


def packed(data: bytes) -> Ints:
    """Return packed varints, whole column at a time: 7 bits a byte, the last byte of each below 128."""
    raw = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(raw < 128)
    if not len(ends):
        return np.empty(0, np.int64)
    starts = np.concatenate([[0], ends[:-1] + 1])
    shift = (np.arange(ends[-1] + 1) - np.repeat(starts, ends - starts + 1)).astype(np.uint64) * np.uint64(7)
    return np.add.reduceat((raw[: ends[-1] + 1] & 127).astype(np.uint64) << shift, starts).astype(np.int64)


def zigzag(values: Ints) -> Ints:
    """Return signed numbers from protobuf's sint encoding."""
    return (values >> 1) & np.int64(2**63 - 1) ^ -(values & 1)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise ValueError("a number without an end")
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7


def _blocks(path: Path) -> Iterator[Message]:
    """Yield the PrimitiveBlocks of a file; refuse one that is no PBF or is cut off."""
    try:
        with path.open("rb") as file:
            while size := file.read(4):
                header = parse(_exactly(file.read(length := struct.unpack(">I", size)[0]), length))
                length = int(header[3][0])
                blob = parse(_exactly(file.read(length), length))
                if bytes_of(header[1][0]) == b"OSMData":
                    yield parse(_unpacked(blob))
    except (ValueError, KeyError, IndexError, struct.error, zlib.error, MemoryError, OverflowError) as error:
        raise UnreadableFile("{file} is not an OpenStreetMap PBF file, or it is damaged.", file=path.name) from error


def _exactly(data: bytes, length: int) -> bytes:
    if len(data) < length:
        raise ValueError("cut off")
    return data


def _unpacked(blob: Message) -> bytes:
    if 1 in blob:
        return bytes_of(blob[1][0])
    if 3 not in blob:
        raise ValueError("a compression other than zlib")
    return zlib.decompressobj().decompress(bytes_of(blob[3][0]), MAX_BLOB_BYTES)


def _way(fields: Message, strings: list[bytes], wanted: int) -> Way | None:
    keys = packed(b"".join(map(bytes_of, fields.get(2, [])))).tolist()
    if wanted not in keys:
        return None
    values = packed(b"".join(map(bytes_of, fields.get(3, [])))).tolist()
    tags = {
        strings[key].decode("utf-8", "replace"): strings[value].decode("utf-8", "replace")
        for key, value in zip(keys, values, strict=True)
    }
    return Way(int(fields[1][0]), np.cumsum(zigzag(packed(b"".join(map(bytes_of, fields.get(8, [])))))), tags)


def _dense(raw: bytes | int) -> tuple[Ints, Ints, Ints]:
    fields = parse(bytes_of(raw))
    ids, lat, lon = (np.cumsum(zigzag(packed(bytes_of(fields[number][0])))) for number in (1, 8, 9))
    return ids, lon, lat


def _single(raw: bytes | int) -> tuple[Ints, Ints, Ints]:
    fields = parse(bytes_of(raw))
    ids, lat, lon = (
        zigzag(np.array([int(fields[number][0])], dtype=np.uint64).astype(np.int64)) for number in (1, 8, 9)
    )
    return ids, lon, lat


def _degrees(block: Message, values: Ints, offset_field: int) -> NDArray[np.float64]:
    granularity = int(block.get(17, [100])[0])
    offset = int(block.get(offset_field, [0])[0])
    offset = offset - 2**64 if offset >= 2**63 else offset  # int64 as a varint
    degrees: NDArray[np.float64] = NANODEGREE * (offset + granularity * values.astype(np.float64))
    return degrees
