"""Mapbox Vector Tile 2.1 on the wire: whole columns of integers in, bytes out.

Every field of an MVT feature is a varint or a run of varints, so all features of a layer are laid out in
one flat array of numbers, which becomes bytes in one go; there is no loop over features.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from struct import pack
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Value = str | int | float | bool | None
Column = Sequence[Value] | NDArray[np.generic]
Int = NDArray[np.int64]
UInt = NDArray[np.uint64]
Block = tuple[UInt, Int]
"""Numbers, and how many of them each owner (a path, a feature) has, in order."""
Known = dict[type, dict[Value, int]]
"""The place of each known value (-1: it has none), type by type: to a dict, 1, 1.0 and True are one value."""

POINT: Literal[1] = 1
LINE: Literal[2] = 2
POLYGON: Literal[3] = 3
MOVE_TO, LINE_TO, CLOSE_PATH = 1, 2, 15
SEPTETS = 10
KIND_SIZE = 2
ONE_BYTE = tuple(bytes([number]) for number in range(128))


@dataclass(frozen=True)
class Shapes:
    """Features of one kind in tile units (integers, y down).

    `points` (n, 2) run path by path: a path is a ring without its closing point, a line, or the points of
    one feature. `path_lengths` counts the points of each path, `feature_paths` the paths of each feature, and
    `rows` says which row of the layer's columns each feature is. The winding of rings is the caller's.
    """

    kind: Literal[1, 2, 3]
    points: Int
    path_lengths: Int
    feature_paths: Int
    rows: Int


def encode_layer(
    name: str, shapes: Iterable[Shapes], ids: Int | None, properties: Mapping[str, Column], *, extent: int
) -> bytes:
    """Return one layer as a field of a tile (tiles are such fields one after another); b"" if it has no features.

    A property that is None or not a number is left out, and so is a negative id: MVT has no word for them.
    """
    filled = [shape for shape in shapes if len(shape.rows)]
    if not filled:
        return b""
    rows = np.concatenate([shape.rows for shape in filled])
    keys, values, tags = _dictionary(properties, rows)
    taken, features = 0, []
    for shape in filled:
        features.append(_features(shape, ids, tags[taken : taken + len(shape.rows)]))
        taken += len(shape.rows)
    body = b"".join(
        [
            b"\x78\x02",
            _text_field(1, name),
            *features,
            *(_text_field(3, key) for key in keys),
            *values,
            b"\x28" + _varint(extent),
        ]
    )
    return _bytes_field(3, body)


def varints(numbers: UInt) -> bytes:
    """Return unsigned numbers as protocol buffer varints, one after another."""
    sizes = _varint_sizes(numbers)
    starts = _starts(sizes)
    out = np.empty(int(sizes.sum()), dtype=np.uint8)
    rest, places, left = numbers, starts, sizes
    while len(rest):
        more = left > 1
        out[places] = (rest & np.uint64(0x7F)).astype(np.uint8) | (more.astype(np.uint8) << 7)
        rest, places, left = rest[more] >> np.uint64(7), places[more] + 1, left[more] - 1
    return out.tobytes()


def zigzag(numbers: Int) -> UInt:
    """Return signed numbers as unsigned ones, small ones staying small (0, -1, 1, -2 become 0, 1, 2, 3)."""
    return ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)


def _features(shapes: Shapes, ids: Int | None, tags: Int) -> bytes:
    """Return the feature fields of a layer; `tags` (features, keys) hold places in the value table, -1 for none."""
    count = len(shapes.rows)
    geometry, tag_block = _geometry(shapes), _tag_block(tags)
    geometry_sizes, tag_sizes = _sizes_per_owner(geometry), _sizes_per_owner(tag_block)
    id_field, id_sizes = _optional(0x08, np.full(count, -1) if ids is None else ids[shapes.rows])
    tag_field, tag_field_sizes = _optional(0x12, np.where(tag_sizes > 0, tag_sizes, -1))
    geometry_field, geometry_field_sizes = _optional(0x22, geometry_sizes)
    length = id_sizes + tag_field_sizes + tag_sizes + KIND_SIZE + geometry_field_sizes + geometry_sizes
    head = _fixed(np.column_stack([np.full(count, 0x12), length]))
    kind = _fixed(np.full((count, KIND_SIZE), (0x18, shapes.kind)))
    return varints(_weave([head, id_field, tag_field, tag_block, kind, geometry_field, geometry])[0])


def _geometry(shapes: Shapes) -> Block:
    """Return the command integers of each feature: moves are relative to the last point of the feature so far."""
    path_starts = _starts(shapes.path_lengths)
    feature_starts = _starts(shapes.feature_paths)
    feature_points = path_starts[feature_starts]
    steps = np.diff(shapes.points, axis=0, prepend=0)
    steps[feature_points] = shapes.points[feature_points]
    moves = zigzag(steps)
    if shapes.kind == POINT:
        commands = _fixed((shapes.path_lengths << 3 | MOVE_TO)[:, None])
        return _weave([commands, (moves.ravel(), shapes.path_lengths * 2)])
    later = np.ones(len(moves), dtype=np.bool_)
    later[path_starts] = False
    first = np.column_stack([np.full(len(path_starts), 1 << 3 | MOVE_TO), moves[path_starts].astype(np.int64)])
    blocks = [
        _fixed(first),
        _fixed(((shapes.path_lengths - 1) << 3 | LINE_TO)[:, None]),
        (moves[later].ravel(), (shapes.path_lengths - 1) * 2),
    ]
    if shapes.kind == POLYGON:
        blocks.append(_fixed(np.full((len(path_starts), 1), CLOSE_PATH)))
    numbers, counts = _weave(blocks)
    return numbers, np.add.reduceat(counts, feature_starts)


def _dictionary(properties: Mapping[str, Column], rows: Int) -> tuple[list[str], list[bytes], Int]:
    """Return the keys in use, the fields of the distinct values, and each feature's value per key (-1: none)."""
    known: Known = {}
    fields: list[bytes] = []
    keys: list[str] = []
    columns: list[Int] = []
    for key, column in properties.items():
        places = _places(_plain(column, rows), known, fields)
        if (places >= 0).any():
            keys.append(key)
            columns.append(places)
    return keys, fields, np.column_stack(columns) if columns else np.empty((len(rows), 0), dtype=np.int64)


def _plain(column: Column, rows: Int) -> list[Value]:
    """Return the chosen rows of a column as Python's own values."""
    if isinstance(column, np.ndarray):
        chosen: list[Value] = column[rows].tolist()
        return chosen
    return list(map(column.__getitem__, rows.tolist()))


def _places(column: list[Value], known: Known, fields: list[bytes]) -> Int:
    """Return the place of each value in the table `fields`, which grows by those not yet `known`."""
    kinds = set(map(type, column))
    for kind in kinds:
        places = known.setdefault(kind, {})
        own = column if len(kinds) == 1 else [value for value in column if type(value) is kind]
        for value in dict.fromkeys(own):
            if value not in places:
                encoded = _encode_value(value)
                places[value] = -1 if encoded is None else len(fields)
                if encoded is not None:
                    fields.append(_bytes_field(4, encoded))
    if len(kinds) == 1:
        return np.fromiter(map(known[kinds.pop()].__getitem__, column), np.int64, len(column))
    return np.array([known[type(value)][value] for value in column], dtype=np.int64)


def _encode_value(value: Value | np.generic) -> bytes | None:
    """Return an MVT Value message, or None for what has no value."""
    if isinstance(value, str):
        return _text_field(1, value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    if isinstance(value, bool):
        return b"\x38\x01" if value else b"\x38\x00"
    if isinstance(value, int) and 0 <= value < 1 << 64:
        return b"\x28" + _varint(value)
    if isinstance(value, int) and -(1 << 63) <= value < 0:
        return b"\x30" + _varint(-2 * value - 1)
    if isinstance(value, int | float):
        return b"\x19" + pack("<d", value)
    return _text_field(1, str(value))


def _tag_block(tags: Int) -> Block:
    """Return key and value places in pairs, without the values that are not there."""
    present = tags >= 0
    keys = np.broadcast_to(np.arange(tags.shape[1]), tags.shape)
    pairs = np.column_stack([keys[present], tags[present]])
    return pairs.ravel().astype(np.uint64), present.sum(axis=1) * 2


def _fixed(numbers: Int) -> Block:
    """Return a block from a table (owners, width): the same count for each owner."""
    return numbers.ravel().astype(np.uint64), np.full(len(numbers), numbers.shape[1], dtype=np.int64)


def _optional(field: int, numbers: Int) -> tuple[Block, Int]:
    """Return a field with one number each, left out where that is negative, and the bytes it takes."""
    present = numbers >= 0
    pairs = np.column_stack([np.full(int(present.sum()), field), numbers[present]]).astype(np.uint64)
    sizes = np.zeros(len(numbers), dtype=np.int64)
    sizes[present] = 1 + _varint_sizes(pairs[:, 1])
    return (pairs.ravel(), present * 2), sizes


def _weave(blocks: list[Block]) -> Block:
    """Return one block in which each owner's numbers from all blocks stand together, in the order of the blocks."""
    counts = np.column_stack([block[1] for block in blocks])
    starts = _starts(counts.ravel()).reshape(counts.shape)
    out = np.empty(int(counts.sum()), dtype=np.uint64)
    for column, (numbers, count) in enumerate(blocks):
        out[np.repeat(starts[:, column] - _starts(count), count) + np.arange(len(numbers))] = numbers
    return out, counts.sum(axis=1)


def _sizes_per_owner(block: Block) -> Int:
    """Return how many bytes the numbers of each owner take as varints."""
    numbers, counts = block
    total = np.concatenate([[0], np.cumsum(_varint_sizes(numbers))])
    ends = np.cumsum(counts)
    sizes: Int = total[ends] - total[ends - counts]
    return sizes


def _varint_sizes(numbers: UInt) -> Int:
    sizes = np.ones(len(numbers), dtype=np.int64)
    highest = int(numbers.max()) if len(numbers) else 0
    for septet in range(1, SEPTETS):
        if highest >> (7 * septet) == 0:
            break
        sizes += numbers >= np.uint64(1 << (7 * septet))
    return sizes


def _starts(counts: Int) -> Int:
    """Return where each owner's run starts."""
    return np.cumsum(counts) - counts


def _varint(number: int) -> bytes:
    if number < len(ONE_BYTE):
        return ONE_BYTE[number]
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _bytes_field(field: int, content: bytes) -> bytes:
    if len(content) < len(ONE_BYTE):
        return ONE_BYTE[field << 3 | 2] + ONE_BYTE[len(content)] + content
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text_field(field: int, text: str) -> bytes:
    return _bytes_field(field, text.encode("utf-8", "replace"))
