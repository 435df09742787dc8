"""Linear referencing (ISO 19148): metres along lines in longitude and latitude, to geometry and back.

A measure is the geodesic distance along a line (EPSG:4326, WGS84) from its start. A line of several parts is
measured part after part; the gap between parts counts no metres. Between two vertices metres are spread evenly
over the degrees, as the map draws them: halfway a straight segment of 2 km that is off by 3 cm, less on shorter ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geocommons.crs import WGS84
from geocommons.errors import InvalidInput

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Objects = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class MeasuredLines:
    """All vertices of many lines, each with its measure: `first` is the vertex at which each line begins."""

    xy: Floats
    line: Ints
    part: Ints
    measure_m: Floats
    first: Ints
    length_m: Floats

    def points_at(self, line: Ints, at_m: Floats) -> tuple[Floats, Ints]:
        """Return the coordinate at each measure, and the vertex before it (measures beyond an end: the end)."""
        wanted = np.clip(at_m, 0.0, self.length_m[line])
        base = np.concatenate([[0.0], np.cumsum(self.length_m + 1.0)])
        axis = base[self.line] + self.measure_m
        before = np.searchsorted(axis, base[line] + wanted, "right") - 1
        final = np.append(self.first[1:], len(self.xy))[line] - 2
        before = np.clip(before, self.first[line], np.maximum(final, self.first[line]))
        span = self.measure_m[before + 1] - self.measure_m[before]
        part = np.divide(wanted - self.measure_m[before], span, out=np.zeros(len(span)), where=span > 0)
        step = self.xy[before + 1] - self.xy[before]
        return self.xy[before] + step * np.clip(part, 0.0, 1.0)[:, None], before


def measure_lines(lines: Iterable[Any], lengths_m: Iterable[float] | None = None) -> MeasuredLines:
    """Return the measures of all vertices; with `lengths_m` scaled so that each line is exactly that long."""
    shapes = np.asarray(lines, dtype=object)
    if not np.isin(shapely.get_type_id(shapes), (1, 5)).all() or shapely.is_empty(shapes).any():
        raise InvalidInput("Only lines can be measured: a river is empty, or not a line.")
    parts, owner = shapely.get_parts(shapely.force_2d(shapes), return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    line = owner[part]
    metres = np.zeros(len(xy))
    if len(xy) > 1:
        metres[1:] = WGS84.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])[2]
        metres[1:][part[1:] != part[:-1]] = 0.0
    first = np.searchsorted(line, np.arange(len(shapes)))
    upto = np.cumsum(metres)
    measure = upto - upto[first][line]
    total = measure[np.append(first[1:], len(xy))[: len(first)] - 1]
    if lengths_m is not None:
        length = np.asarray(lengths_m, dtype=np.float64)
        factor = np.divide(length, total, out=np.ones(len(total)), where=total > 0)
        measure, total = measure * factor[line], length
    return MeasuredLines(xy, line, part, measure, first, total)


def substring_by_measure(line: Any, length_m: float, from_m: float, to_m: float) -> Any:
    """Return the stretch of a line between two measures, to be drawn (a LineString, or several if the line is)."""
    return substrings_by_measure([line], [length_m], np.array([0]), np.array([from_m]), np.array([to_m]))[0]


def substrings_by_measure(
    lines: Iterable[Any], lengths_m: Iterable[float], line: Ints, from_m: Floats, to_m: Floats
) -> Objects:
    """Return the stretches of lines between two measures each, in the direction of the line; empty where no length."""
    measured = measure_lines(lines, lengths_m)
    low, high = np.minimum(from_m, to_m), np.maximum(from_m, to_m)
    start, before = measured.points_at(line, low)
    stop, last = measured.points_at(line, high)
    inner = np.maximum(last - before, 0)
    owner = np.repeat(np.arange(len(line)), inner + 2)
    begin = np.cumsum(inner + 2) - (inner + 2)
    nth = np.arange(len(owner)) - begin[owner]
    vertex = np.minimum(before[owner] + nth, len(measured.xy) - 1)
    xy, part = measured.xy[vertex], measured.part[vertex]
    xy[begin], part[begin] = start, measured.part[before]
    end = begin + inner + 1
    xy[end], part[end] = stop, measured.part[np.minimum(last + 1, len(measured.xy) - 1)]
    return _drawn(xy, owner, part, len(line))


def _drawn(xy: Floats, owner: Ints, part: Ints, count: int) -> Objects:
    """Return one line for each owner: of several parts, where the coordinates come from several."""
    fresh = np.ones(len(xy), dtype=bool)
    new_run = (owner[1:] != owner[:-1]) | (part[1:] != part[:-1])
    fresh[1:] = new_run | (xy[1:] != xy[:-1]).any(axis=1)
    xy, owner, part = xy[fresh], owner[fresh], part[fresh]
    run = np.zeros(len(xy), dtype=np.intp)
    run[1:] = np.cumsum((owner[1:] != owner[:-1]) | (part[1:] != part[:-1]))
    long_enough = np.bincount(run)[run] > 1 if len(run) else fresh[:0]
    xy, owner, run = xy[long_enough], owner[long_enough], run[long_enough]
    _, where, number = np.unique(run, return_index=True, return_inverse=True)
    drawn: Objects = np.full(count, shapely.LineString(), dtype=object)
    if len(number) == 0:
        return drawn
    lines, owners = np.asarray(shapely.linestrings(xy, indices=number)), owner[where]
    pieces = np.bincount(owners, minlength=count)
    drawn[owners] = lines
    many = pieces[owners] > 1
    for several in np.unique(owners[many]):
        drawn[several] = shapely.MultiLineString(lines[owners == several].tolist())
    return drawn


def measure_of_point(line: Any, point: shapely.Point, *, length_m: float | None = None) -> float:
    """Return the measure of the place on a line that is nearest to a point (both longitude and latitude)."""
    measured = measure_lines([line], None if length_m is None else [length_m])
    scale = np.array([np.cos(np.radians(point.y)), 1.0])
    xy = (measured.xy - (point.x, point.y)) * scale
    step = xy[1:] - xy[:-1]
    square = (step**2).sum(axis=1)
    along = np.divide(-(xy[:-1] * step).sum(axis=1), square, out=np.zeros(len(square)), where=square > 0)
    # Between two parts there is no line: only their ends are.
    along = np.where(measured.part[1:] == measured.part[:-1], np.clip(along, 0.0, 1.0), 0.0)
    off = ((xy[:-1] + step * along[:, None]) ** 2).sum(axis=1)
    nearest = int(off.argmin())
    begin, end = measured.measure_m[nearest], measured.measure_m[nearest + 1]
    return float(begin + along[nearest] * (end - begin))
