"""A map as a picture: for a report, a slide, or paper, with everything on it that a map owes its reader."""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.crs import STORAGE_CRS, BBox, Geometries, local_metric_crs, to_metric, to_storage
from geocommons.errors import InvalidInput, UnknownCRS
from geocommons.files import palette
from geocommons.files.charts.lettering import fit
from geocommons.files.palette import INK, LAND, LINE_STRONG, MUTED, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NO_FIGURE = -1
RAMPS = {"served": ("#e6f2ee", "#4f9f92", "#06302c"), "unserved": ("#fbe9e1", "#dc7a5a", "#6b1709")}
"""From few to many: light to dark, so that a copy in grey reads as well."""
MANY = 2_000
"""From so many shapes on, a vector map holds them as a picture: nobody zooms to each, and the file stays small."""
TOGETHER, THIN = 500, 0.2
MM_PER_INCH, POINTS_PER_INCH = 25.4, 72.0
AIR, SMALLEST_M, LEGEND_MM = 0.04, 100.0, 48.0
Format = Literal["png", "svg", "pdf"]


@dataclass(frozen=True, kw_only=True)
class MapLook:
    """How shapes are drawn: colours as #rrggbb or "none", width in points, a hatch ("////"), a marker of points.

    `dash` is a line of dashes ("--"); `opacity` holds for fills, so that what lies below is seen; `casing` is a
    colour on both sides of lines, for those too pale to be seen without. Points of hatched areas have the stroke.
    """

    fill: str = "none"
    stroke: str = INK
    width: float = 0.6
    dash: Literal["-", "--", ":"] = "-"
    opacity: float = 1.0
    hatch: str = ""
    marker: str = "o"
    size: float = 4.0
    casing: str = ""


SERVED = MapLook(fill=palette.ACCENT, stroke=PAPER, width=0.4)
UNSERVED = MapLook(fill=palette.ALARM_SOFT, stroke=palette.UNSERVED, width=0.8, hatch="////")
WITHOUT_FIGURE = MapLook(fill=palette.GROUND, stroke=LINE_STRONG, width=0.3, hatch="....")
WATER = MapLook(fill=palette.WATER, stroke=palette.WATER_EDGE, width=0.8)
STREETS = MapLook(stroke="#cfc9bb", width=0.4)
DISTRICTS = MapLook(stroke=palette.MAP_MUTED, width=0.7)


@dataclass(frozen=True, kw_only=True)
class MapLayer:
    """A frame in one look; its label stands in the legend, unless it is empty.

    `tags` are words on the map, one for each row; `badge` sets them white on the colour of the look.
    """

    frame: GeoDataFrame
    look: MapLook
    label: str = ""
    tags: Sequence[str] = ()
    badge: bool = False


@dataclass(frozen=True, kw_only=True)
class Choropleth:
    """A frame in classes: a code for each row, from 0, -1 for “no figure”, and a label for each class."""

    frame: GeoDataFrame
    codes: NDArray[Any]
    labels: Sequence[str]
    title: str = ""
    without_figure: str = ""
    ramp: Literal["served", "unserved"] = "served"


@dataclass(frozen=True, kw_only=True)
class MapText:
    """What a map says: its title, the head of its legend, whom its data is owed to, and how lengths are written."""

    title: str = ""
    legend: str = ""
    attribution: str = ""
    north: str = "N"
    metres: Callable[[float], str] = lambda length_m: (
        f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    )


def map_picture(
    layers: Sequence[MapLayer | Choropleth], text: MapText, *, width_mm: float = 170.0, height_mm: float = 120.0,
    form: Format = "png", dots_per_inch: int = 200, bbox: BBox | None = None,
) -> bytes:  # fmt: skip
    """Return a map as PNG, SVG or PDF, the first layer at the bottom, with title, legend, scale bar, north and sources.

    Frames are in any CRS that they name (EPSG:4326 as a rule); they are drawn in a local metric one around `bbox`, or
    around everything. The same input gives the same bytes. Empty frames draw nothing; a single point is shown with
    100 m around it. Raises UnknownCRS for a frame without CRS, InvalidInput where codes do not fit.
    """
    for layer in layers:
        _check(layer)
    box = bbox or _around(layers)
    figure, axes = _sheet(text, width_mm / MM_PER_INCH, height_mm / MM_PER_INCH, beside=_needs_legend(layers))
    crs = local_metric_crs(box)
    handles: list[Any] = []
    for order, layer in enumerate(layers):
        frame = to_metric(layer.frame, crs)
        for look, label, rows in _parts(layer):
            _draw(axes, frame.geometry.to_numpy()[rows], look, order)
            if label:
                handles.append(_sample(look, label, frame.geometry.to_numpy()[rows]))
        if isinstance(layer, MapLayer) and layer.tags:
            _tag(axes, frame.geometry.to_numpy(), layer)
    _show(axes, _metric_box(box, crs))
    title = next((one.title for one in layers if isinstance(one, Choropleth)), text.legend)
    _furnish(figure, axes, text, handles, title)
    return _bytes(figure, form, dots_per_inch)


def ramp_colors(count: int, ramp: Literal["served", "unserved"] = "served") -> list[str]:
    """Return so many colours from light to dark (#rrggbb), as the classes of a map are drawn."""
    stops = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in RAMPS[ramp]], dtype=float)
    at = np.linspace(0, 2, count) if count > 1 else np.array([1.0])
    parts = np.stack([np.interp(at, [0, 1, 2], stops[:, channel]) for channel in range(3)], axis=1)
    return ["#" + "".join(f"{round(part):02x}" for part in row) for row in parts.tolist()]


def _check(layer: MapLayer | Choropleth) -> None:
    if layer.frame.crs is None:
        raise UnknownCRS("The frame does not say which CRS it is in.")
    if isinstance(layer, Choropleth):
        codes = np.asarray(layer.codes)
        if len(codes) != len(layer.frame) or (len(codes) and not -1 <= codes.min() <= codes.max() < len(layer.labels)):
            raise InvalidInput("A map in classes needs a code for each place and a label for each code.")


def _needs_legend(layers: Sequence[MapLayer | Choropleth]) -> bool:
    return any(isinstance(layer, Choropleth) or layer.label for layer in layers)


def _parts(layer: MapLayer | Choropleth) -> list[tuple[MapLook, str, Any]]:
    """Return the looks of a layer, the label of each, and which rows have it."""
    if isinstance(layer, MapLayer):
        return [(layer.look, layer.label, slice(None))]
    codes = np.asarray(layer.codes)
    edge = 0.3 if len(codes) < MANY else 0.0
    parts: list[tuple[MapLook, str, Any]] = [
        (MapLook(fill=color, stroke=PAPER if edge else color, width=edge or 0.15), label, codes == code)
        for code, (color, label) in enumerate(
            zip(ramp_colors(len(layer.labels), layer.ramp), layer.labels, strict=True)
        )
    ]
    missing = codes == NO_FIGURE
    return [*parts, (WITHOUT_FIGURE, layer.without_figure, missing)] if missing.any() else parts


def _around(layers: Sequence[MapLayer | Choropleth]) -> BBox:
    """Return the box in degrees around all that can be drawn, or around nothing at 0, 0."""
    corners = []
    for layer in layers:
        bounds = layer.frame.total_bounds
        if len(layer.frame) and np.isfinite(bounds).all():
            around: Geometries = np.array([shapely.box(*bounds)], dtype=object)
            corners.append(shapely.total_bounds(to_storage(around, layer.frame.crs)))
    if not corners:
        return BBox(0.0, 0.0, 0.0, 0.0)
    stacked = np.array(corners)
    return BBox(*stacked[:, :2].min(axis=0).tolist(), *stacked[:, 2:].max(axis=0).tolist())


def _metric_box(box: BBox, crs: Any) -> tuple[float, float, float, float]:
    # Sides of a box of degrees bow in a projection: points along them count, too.
    lons, lats = np.meshgrid(np.linspace(box.west, box.east, 9), np.linspace(box.south, box.north, 9))
    points = GeoDataFrame(geometry=shapely.points(lons.ravel(), lats.ravel()), crs=STORAGE_CRS)
    west, south, east, north = to_metric(points, crs).total_bounds.tolist()
    return west, south, east, north


def _sheet(text: MapText, width: float, height: float, *, beside: bool) -> tuple["Figure", "Axes"]:
    """Return a figure of so many inches with its title above and its sources below the room for the map."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor=PAPER)
    room = width * POINTS_PER_INCH
    title = fit(text.title, room, lines=2, size=10.5, bold=True)
    sources = fit(text.attribution, room, lines=3, size=6)
    head, foot = (0.1 + 0.18 * len(title) if title else 0.0) / height, (0.05 + 0.1 * len(sources)) / height
    said: dict[str, Any] = {"color": INK, "parse_math": False, "ha": "left", "linespacing": 1.2}
    figure.text(0.002, 1 - 0.03 / height, "\n".join(title), va="top", fontsize=10.5, fontweight="bold", **said)
    figure.text(0.002, 0.02 / height, "\n".join(sources), va="bottom", fontsize=6, **said | {"color": MUTED})
    wide = 1.0 - (LEGEND_MM / MM_PER_INCH / width if beside else 0.0)
    axes = figure.add_axes((0.002, foot + 0.003, wide - 0.004, 1.0 - head - foot - 0.006))
    axes.set_facecolor(LAND)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=LINE_STRONG, linewidth=0.6)
    return figure, axes


def _draw(axes: "Axes", geometries: Geometries, look: MapLook, order: int) -> None:
    """Draw shapes of any kind: areas, lines and points each as one collection."""
    shapes = shapely.get_parts(geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))])
    dimensions = shapely.get_dimensions(shapes)
    for dimension, collection in ((2, _areas), (1, _lines), (0, _points)):
        some = shapes[dimensions == dimension]
        if len(some):
            made = collection(some, look)
            made.set(zorder=order + 1, rasterized=len(some) > MANY)
            if dimension == 0:
                made.set_offset_transform(axes.transData)
            axes.add_collection(made, autolim=False)


def _tag(axes: "Axes", geometries: Geometries, layer: MapLayer) -> None:
    """Write a word in each shape: on a badge, or in grey with a halo, cut off at the edge of the map."""
    from matplotlib.patheffects import withStroke

    look = layer.look
    box = {"boxstyle": "round,pad=0.25,rounding_size=0.7", "facecolor": look.stroke, "edgecolor": PAPER, "lw": 0.6}
    said: dict[str, Any] = {"color": PAPER, "fontsize": 7, "fontweight": "bold", "bbox": box, "zorder": 998}
    if not layer.badge:
        halo = [withStroke(linewidth=2, foreground=PAPER)]
        said = {"color": MUTED, "fontsize": 6.5, "zorder": 997, "path_effects": halo}
    for point, words in zip(shapely.point_on_surface(geometries), layer.tags, strict=True):
        if point is not None and not point.is_empty and words:
            axes.text(point.x, point.y, words, ha="center", va="center", clip_on=True, parse_math=False, **said)


def _areas(polygons: Geometries, look: MapLook) -> Any:
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    _, corners, (rings, parts) = shapely.to_ragged_array(shapely.orient_polygons(polygons))
    codes = np.full(len(corners), Path.LINETO, dtype=Path.code_type)
    codes[rings[:-1]] = Path.MOVETO
    codes[rings[1:] - 1] = Path.CLOSEPOLY
    # Many areas are drawn as few: each would be filled, and hatched, on its own.
    ends = rings[parts] if len(polygons) <= MANY else np.append(rings[parts][:-1:TOGETHER], len(corners))
    paths = [Path(corners[a:b], codes[a:b]) for a, b in pairwise(ends)]
    many = len(polygons) > MANY
    edge, width = (look.stroke, min(look.width, THIN) if many else look.width) if look.width else ("none", 0.0)
    if many and not look.hatch and look.fill != "none":
        edge = look.fill  # edges of their own would be all that is seen
    return PathCollection(
        paths, facecolor=_clear(look), edgecolor=edge, linewidth=width, hatch=look.hatch or None,
        linestyle=look.dash, antialiased=not many,
    )  # fmt: skip


def _lines(lines: Geometries, look: MapLook) -> Any:
    from matplotlib.collections import LineCollection

    coordinates, owners = shapely.get_coordinates(lines, return_index=True)
    return LineCollection(
        np.split(coordinates, np.flatnonzero(np.diff(owners)) + 1), color=look.stroke, linewidth=look.width,
        linestyle=look.dash, capstyle="butt" if look.dash != "-" else "round", path_effects=_casing(look),
    )  # fmt: skip


def _casing(look: MapLook) -> Any:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=look.width + 1.2, foreground=look.casing)] if look.casing else None


def _points(points: Geometries, look: MapLook) -> Any:
    from matplotlib.collections import PathCollection
    from matplotlib.markers import MarkerStyle
    from matplotlib.transforms import IdentityTransform

    marker = MarkerStyle(look.marker)
    collection = PathCollection(
        [marker.get_path().transformed(marker.get_transform())], sizes=[look.size**2],
        facecolor=_point_color(look), edgecolor=look.casing or PAPER, linewidth=0.5,
        offsets=shapely.get_coordinates(points),
    )  # fmt: skip
    collection.set_transform(IdentityTransform())
    return collection


def _sample(look: MapLook, label: str, geometries: Geometries) -> Any:
    """Return a legend's sample of a look: a patch for areas, else a line or a marker."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dimensions = shapely.get_dimensions(geometries[~shapely.is_missing(geometries)])
    # Where a look is drawn as areas, lines and points, its sample is what most of them are.
    dimension = int(np.bincount(np.maximum(dimensions, 0)).argmax()) if len(dimensions) else -1
    if dimension == 0:
        return Line2D([], [], marker=look.marker, markersize=look.size, color=_point_color(look), linestyle="",
                      label=label, markeredgecolor=look.casing or PAPER, markeredgewidth=0.5)  # fmt: skip
    if dimension == 1 or (dimension == -1 and look.fill == "none"):
        return Line2D([], [], color=look.stroke, linewidth=max(look.width, 0.8), linestyle=look.dash, label=label,
                      path_effects=_casing(look))  # fmt: skip
    edge, width = look.stroke if look.stroke != PAPER else LINE_STRONG, look.width if look.fill == "none" else 0.5
    return Patch(
        facecolor=_clear(look), edgecolor=edge, linewidth=width, linestyle=look.dash, hatch=look.hatch or None,
        label=label,
    )  # fmt: skip


def _point_color(look: MapLook) -> str:
    return look.stroke if look.fill == "none" or look.hatch else look.fill


def _clear(look: MapLook) -> Any:
    """Return the fill with its opacity."""
    return look.fill if look.fill == "none" or look.opacity == 1 else (look.fill, look.opacity)


def _show(axes: "Axes", box: tuple[float, float, float, float]) -> None:
    """Show a box in metres with a little air, as wide or as high as the axes are, nothing stretched."""
    west, south, east, north = box
    figure: Any = axes.get_figure()
    placed = axes.get_position()
    ratio = (placed.width * figure.get_figwidth()) / (placed.height * figure.get_figheight())
    width, height = max(east - west, SMALLEST_M) * (1 + 2 * AIR), max(north - south, SMALLEST_M) * (1 + 2 * AIR)
    width, height = max(width, height * ratio), max(height, width / ratio)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(middle_x - width / 2, middle_x + width / 2)
    axes.set_ylim(middle_y - height / 2, middle_y + height / 2)


def _furnish(figure: "Figure", axes: "Axes", text: MapText, handles: Sequence[Any], title: str) -> None:
    placed = axes.get_position()
    if handles:
        room = (LEGEND_MM - 14) / MM_PER_INCH * POINTS_PER_INCH
        for handle in handles:
            handle.set_label("\n".join(fit(handle.get_label(), room, lines=3, size=7.5)))
        legend = figure.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(placed.x1 + 0.012, placed.y1), frameon=False,
            fontsize=7.5, labelcolor=INK, borderpad=0, borderaxespad=0, handlelength=1.9, handleheight=1.15,
            labelspacing=0.55, title="\n".join(fit(title, room + 20, lines=3, size=8, bold=True)) or None,
            title_fontproperties={"size": 8, "weight": "bold"}, alignment="left",
        )  # fmt: skip
        for words in [*legend.get_texts(), legend.get_title()]:
            words.set(parse_math=False, color=INK)
    _scale_bar(axes, text)
    axes.annotate(
        text.north, (0.965, 0.965), (0.965, 0.885), xycoords="axes fraction", ha="center", va="center", fontsize=8,
        fontweight="bold", color=INK, zorder=1000, arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.2},
    )  # fmt: skip


def _scale_bar(axes: "Axes", text: MapText) -> None:
    """Draw a bar of a round length, about a fifth of the map wide, on its own ground at the lower left."""
    from matplotlib.patches import Rectangle

    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    wanted = (right - left) / 5
    power = 10.0 ** math.floor(math.log10(wanted))
    length = next(size * power for size in (5, 2, 1) if size * power <= wanted)
    x, y, air, height = (
        left + (right - left) * 0.025,
        bottom + (top - bottom) * 0.03,
        (right - left) * 0.012,
        top - bottom,
    )
    axes.add_patch(
        Rectangle((x - air, y - air), length + 2 * air, height * 0.065, facecolor=PAPER, alpha=0.85, zorder=999)
    )
    for half, color in ((0, INK), (1, PAPER)):
        axes.add_patch(
            Rectangle((x + half * length / 2, y), length / 2, height * 0.01, facecolor=color, edgecolor=INK, lw=0.6,
                      zorder=1000)
        )  # fmt: skip
    axes.text(
        x + length / 2, y + height * 0.016, text.metres(length), ha="center", va="bottom", fontsize=7, color=INK,
        zorder=1000,
    )  # fmt: skip


def _bytes(figure: "Figure", form: Format, dots_per_inch: int) -> bytes:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    dated: dict[Format, dict[str, Any]] = {
        "png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None},
    }  # fmt: skip
    file = io.BytesIO()
    # Names inside an SVG are chances unless they are salted.
    with matplotlib.rc_context({"svg.hashsalt": "geocommons", "pdf.fonttype": 42}):
        figure.savefig(file, format=form, dpi=dots_per_inch, metadata=dated[form])
    return file.getvalue()
