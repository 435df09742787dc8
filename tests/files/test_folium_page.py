"""A map as one HTML file."""

import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Browser

from geocommons.crs import BBox
from geocommons.errors import UnknownCRS
from geocommons.files.folium_page import BaseMap, Leaflet, Look, PageLayer, PageText, map_page
from geocommons.usecases.exports.register_map import find_leaflet
from tests.conftest import missing_part

EVIL = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">{{ 7*7 }}"
LOOKS = {
    "open": Look(label="Open <b>", color="#0a7", fill="#0a7", fill_opacity=0.1, dash="4 4"),
    "kept": Look(label="Kept", color="#0a7", fill="#0a7", fill_opacity=0.6),
    "lost": Look(label="Lost", color="#777"),
}


def gardens(name: str = "Tuin") -> gpd.GeoDataFrame:
    shapes = [shapely.box(5, 52, 5.01, 52.01), shapely.box(5.02, 52, 5.03, 52.01), None]
    columns = {"name": [name, "B", "C"], "status": ["open", "kept", "open"], "steward": [None, name, "x"]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def layer(frame: gpd.GeoDataFrame, title: str = "Gardens", **more: object) -> PageLayer:
    said = {"by": "status", "heading": "name", "popup": [("steward", "Cared for by")], "looks": LOOKS} | more
    return PageLayer(title=title, frame=frame, **said)  # type: ignore[arg-type]


def test_a_page_with_leaflet_in_it_asks_the_network_for_nothing() -> None:
    text = PageText(title="Stad", attributions=["De stad <a>"], language="nl")
    page = map_page(text, [layer(gardens())], leaflet=Leaflet("/* L {{ {% {# */", ".leaflet{}")).decode()
    assert re.findall(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", page) == []
    assert "/* L {{ {% {# */" in page
    assert '<html lang="nl">' in page and "<title>Stad</title>" in page


def test_a_page_without_leaflet_takes_it_from_the_internet_and_nothing_else() -> None:
    page = map_page(PageText(title="Stad"), [layer(gardens())]).decode()
    assert len(re.findall(r"(?:src|href)=\"https://", page)) == 2


def test_tiles_are_drawn_only_from_the_address_that_is_set() -> None:
    base = BaseMap(url="https://tiles.example/{z}/{x}/{y}.png", attribution="Tiles <i>")
    page = map_page(PageText(title="Stad"), [], base=base).decode()
    assert "https://tiles.example/{z}/{x}/{y}.png" in page and "<i>" not in page


def test_nothing_in_a_value_can_leave_its_place() -> None:
    text = PageText(title=EVIL, lines=[EVIL], figures=[(EVIL, EVIL)], attributions=[EVIL], legend=EVIL, language='"')
    page = map_page(text, [layer(gardens(EVIL), EVIL)], leaflet=Leaflet("", "")).decode()
    assert "<script>document.title" not in page
    assert "<img" not in page
    assert ">49" not in page and "{{ 7*7 }}" in page


def test_the_legend_shows_only_what_is_on_the_map() -> None:
    page = map_page(PageText(title="Stad"), [layer(gardens())]).decode()
    legend = page[page.index("gc-legend") :]
    assert "Open &lt;b&gt;" in legend and "Kept" in legend and "Lost" not in legend
    assert 'stroke-dasharray="4 4"' in legend


def test_a_frame_that_is_not_in_degrees_is_refused() -> None:
    with pytest.raises(UnknownCRS, match="4326"):
        map_page(PageText(title="Stad"), [layer(gardens().to_crs("EPSG:28992"))])


def test_a_map_of_nothing_is_still_a_page() -> None:
    page = map_page(PageText(title="Stad"), [layer(gardens().iloc[:0])], bbox=BBox(5, 52, 5.1, 52.1)).decode()
    assert re.search(r"fitBounds\(\s*\[\[52(\.0)?, 5(\.0)?\], \[52\.1, 5\.1\]\]", page)


def test_it_opens_from_a_disk_and_a_popup_is_only_text(browser: Browser, tmp_path: Path) -> None:
    leaflet = find_leaflet()
    if leaflet is None:
        missing_part("Leaflet is not built (make static)")
    text = PageText(title="Stad", attributions=["De <b>stad"])
    file = tmp_path / "map.html"
    file.write_bytes(map_page(text, [layer(gardens(EVIL), tag="name")], leaflet=leaflet))
    page = browser.new_page(viewport={"width": 390, "height": 844})
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    page.locator(".leaflet-interactive, canvas").first.wait_for()
    page.evaluate(
        "() => { for (const name in window) if (name.startsWith('map_')) window[name].eachLayer("
        "one => { if (one.getPopup && one.getPopup() && one.feature) one.openPopup(); }); }"
    )
    popup = page.locator(".gc-popup").last
    popup.wait_for()
    assert page.locator(".gc-popup img, .gc-tag img, .leaflet-control-attribution b").count() == 0
    assert page.locator(".gc-tag").first.inner_text() in (EVIL, "B")
    assert page.title() == "Stad"
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert errors == []
    page.close()
