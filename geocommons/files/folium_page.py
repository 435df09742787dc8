"""Draw frames as one HTML page with folium: it opens from a disk, without internet, if Leaflet is given to it."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import orjson
from branca.element import Element, MacroElement
from folium.utilities import JsCode
from geopandas import GeoDataFrame
from jinja2 import Template

from geocommons.crs import STORAGE_CRS, BBox, total_bbox
from geocommons.errors import UnknownCRS
from geocommons.files import palette
from geocommons.files.columns import plain_columns
from geocommons.model.geometry_text import geometry_texts

LEAFLET_CDN = "https://unpkg.com/leaflet@1.9.4/dist/leaflet"
NARROW: Any = JsCode("window.innerWidth < 720")
SWATCH = (30, 16)
COLORS = {
    "ink": palette.INK, "muted": palette.MUTED, "line": palette.LINE, "land": palette.LAND,
    "unserved": palette.UNSERVED, "band": palette.BAND, "quiet": palette.ON_BAND_QUIET,
}  # fmt: skip
"""What the page's style sheet calls them."""
STYLE, SCRIPT = (Path(__file__).with_suffix(suffix) for suffix in (".css", ".js"))


@dataclass(frozen=True)
class Leaflet:
    """The script and the style of Leaflet, to be written into the page."""

    script: str
    style: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a feature is drawn, and what the legend calls that; dashes and weight tell it apart without its colour."""

    label: str
    color: str
    fill: str | None = None
    opacity: float = 1.0
    fill_opacity: float = 0.0
    weight: float = 1.5
    dash: str | None = None
    radius: float = 5.0

    def options(self) -> dict[str, Any]:
        """Return the look as Leaflet's path options."""
        return {
            "color": self.color,
            "weight": self.weight,
            "opacity": self.opacity,
            "dashArray": self.dash,
            "fill": self.fill is not None,
            "fillColor": self.fill or self.color,
            "fillOpacity": self.fill_opacity,
            "radius": self.radius,
        }


@dataclass(frozen=True, kw_only=True)
class PageLayer:
    """A frame (EPSG:4326) to draw: `looks` by the value of the column `by`, or the one under "".

    `popup` pairs columns with labels, `heading` names the column that heads a popup; without a heading there is none.
    `tag` names a column whose value stands on the map beside the feature.
    """

    title: str
    frame: GeoDataFrame
    looks: Mapping[str, Look]
    by: str | None = None
    heading: str | None = None
    popup: Sequence[tuple[str, str]] = ()
    tag: str | None = None
    shown: bool = True
    in_legend: bool = True


@dataclass(frozen=True, kw_only=True)
class PageText:
    """What the page says around its map."""

    title: str
    lines: Sequence[str] = ()
    figures: Sequence[tuple[str, str]] = ()
    attributions: Sequence[str] = ()
    legend: str = "Legend"
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class BaseMap:
    """A base map from the internet."""

    url: str
    attribution: str = ""


def map_page(
    text: PageText,
    layers: Sequence[PageLayer],
    *,
    leaflet: Leaflet | None = None,
    base: BaseMap | None = None,
    bbox: BBox | None = None,
) -> bytes:
    """Return an HTML page with a map of layers, the first at the bottom, with legend and layer control.

    With `leaflet` and without `base` the page asks the network for nothing; without it Leaflet comes from a CDN.
    Every text and every value is escaped. Refuses a frame that does not say its CRS.
    """
    page = folium.Map(tiles=None, prefer_canvas=True, control_scale=True, zoom_snap=0.25)
    page.default_js, page.default_css = [], []
    if base is not None:
        folium.TileLayer(base.url, attr=_markup(base.attribution) or " ", control=False).add_to(page)
    data: list[str] = []
    legend: list[tuple[PageLayer, list[Look]]] = []
    for layer in layers:
        group = folium.FeatureGroup(name=_markup(layer.title), show=layer.shown).add_to(page)
        drawn = _by_look(layer)
        legend.append((layer, [look for look, _ in drawn]))
        for look, features in drawn:
            group.add_child(_Features(page, len(data)))
            data.append(_script_safe(_drawing(layer, look, features)))
    box = bbox or _around(layers)
    page.fit_bounds([[box.south, box.west], [box.north, box.east]])
    folium.LayerControl(collapsed=NARROW).add_to(page)
    page.add_child(_Attributions())  # type: ignore[no-untyped-call]
    sources = _script_safe(_json([_markup(said) for said in dict.fromkeys(text.attributions) if said]))
    _put_around(page, text, _legend(text, legend), leaflet)
    figure: Any = page.get_root()
    figure.html.add_child(_Text(f"<script>const gcSources={sources},gcData=[{','.join(data)}];</script>"))
    rendered: str = figure.render()
    return rendered.replace("<html>", f'<html lang="{html.escape(text.language)}">', 1).encode()


class _Text(Element):
    """Text that goes into the page as it stands: no template, although scripts are full of braces."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class _Features(MacroElement):
    """Features of one look. Their data stands elsewhere in the page: folium renders scripts as templates once more."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        gcAdd({{ this.map }}, {{ this._parent.get_name() }}, gcData[{{ this.position }}]);
        {% endmacro %}
        """
    )

    def __init__(self, page: folium.Map, position: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Features"
        self.map, self.position = page.get_name(), position


class _Attributions(MacroElement):
    """What the map says of its sources."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        gcAttribute({{ this._parent.get_name() }}, gcSources);
        {% endmacro %}
        """
    )


def _drawing(layer: PageLayer, look: Look, features: str) -> str:
    """Return everything that the page's script draws a look of a layer from, as JSON."""
    labels = [label for _, label in layer.popup]
    said = _json({"look": look.options(), "labels": labels, "clickable": layer.heading is not None})
    return f'{said[:-1]},"features":{features}}}'


def _by_look(layer: PageLayer) -> list[tuple[Look, str]]:
    """Return the features of a layer as GeoJSON text, by look, in the order of the looks."""
    frame = layer.frame
    if frame.crs is None or not frame.crs.equals(STORAGE_CRS, ignore_axis_order=True):
        raise UnknownCRS("A page draws longitude and latitude (EPSG:4326); reproject the frame first.")
    values = [""] * len(frame) if layer.by is None else frame[layer.by].astype("str").tolist()
    wanted = [layer.heading, layer.tag, *(column for column, _ in layer.popup)]
    columns = plain_columns(frame, [name for name in wanted if name is not None])
    shown = [columns.get(name or "", [None] * len(frame)) for name in wanted]
    features: dict[str, list[str]] = {value: [] for value in layer.looks}
    for row, (value, geometry) in enumerate(zip(values, geometry_texts(frame.geometry.to_numpy()), strict=True)):
        if value in features and geometry != "null":
            said = orjson.dumps([column[row] for column in shown]).decode()
            features[value].append(f'{{"type":"Feature","geometry":{geometry},"properties":{{"v":{said}}}}}')
    return [
        (layer.looks[value], f'{{"type":"FeatureCollection","features":[{",".join(some)}]}}')
        for value, some in features.items()
        if some
    ]


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _markup(text: str) -> str:
    """Return text as HTML; also its braces, which would be a template where folium renders it once more."""
    return html.escape(text).replace("{", "&#123;")


def _script_safe(json: str) -> str:
    """Return JSON that cannot end the script that it stands in."""
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _around(layers: Sequence[PageLayer]) -> BBox:
    """Return the box around the layers that can be clicked, or around all if there are none."""
    chosen = [layer for layer in layers if layer.heading is not None and len(layer.frame)]
    boxes = [total_bbox(layer.frame.geometry.to_numpy()) for layer in chosen or layers if len(layer.frame)]
    if not boxes:
        return BBox(-180.0, -60.0, 180.0, 75.0)
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return BBox(min(wests), min(souths), max(easts), max(norths))


def _put_around(page: folium.Map, text: PageText, legend: str, leaflet: Leaflet | None) -> None:
    """Put the head and what stands around the map into the page."""
    figure: Any = page.get_root()
    if leaflet is not None:
        figure.header.add_child(_Text(f"<style>{leaflet.style}</style><script>{leaflet.script}</script>"))
    else:
        links = f'<link rel="stylesheet" href="{LEAFLET_CDN}.css"><script src="{LEAFLET_CDN}.js"></script>'
        figure.header.add_child(_Text(links))
    style, script = (file.read_text(encoding="utf-8") for file in (STYLE, SCRIPT))
    title = html.escape(text.title)
    colors = "".join(f"--{name}:{color};" for name, color in COLORS.items())
    figure.header.add_child(
        _Text(f"<title>{title}</title><style>:root{{{colors}}}{style}</style><script>{script}</script>")
    )
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in text.lines)
    rows = [f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>" for name, value in text.figures]
    side = f"<dl>{''.join(rows)}</dl>" if rows else ""
    figure.html.add_child(_Text(f'<header class="gc-head"><h1>{title}</h1>{lines}{side}</header>'))
    figure.html.add_child(_Text(legend))


def _legend(text: PageText, layers: Sequence[tuple[PageLayer, Sequence[Look]]]) -> str:
    parts = []
    for layer, looks in reversed(layers):
        if layer.in_legend and looks:
            rows = "".join(f"<li>{_swatch(look)}{html.escape(look.label)}</li>" for look in looks)
            parts.append(f"<h2>{html.escape(layer.title)}</h2><ul>{rows}</ul>")
    return f'<details class="gc-legend" open><summary>{html.escape(text.legend)}</summary>{"".join(parts)}</details>'


def _swatch(look: Look) -> str:
    """Return a small drawing of a look."""
    width, height = SWATCH
    paint = {
        "fill": look.fill or "none",
        "fill-opacity": look.fill_opacity,
        "stroke": look.color,
        "stroke-width": min(look.weight, 4),
        "stroke-dasharray": look.dash or "none",
    }
    said = " ".join(f'{name}="{html.escape(str(value))}"' for name, value in paint.items())
    outline = f"M2 2H{width - 2}V{height - 2}H2Z" if look.fill else f"M0 {height / 2:g}H{width}"
    return f'<svg width="{width}" height="{height}" aria-hidden="true"><path d="{outline}" {said}/></svg>'
