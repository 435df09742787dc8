"""Time the map page of a city's parcels in a real browser with a cold cache.

    python -m scripts.bench_page [SCALE]

Scale 1 is 200,000 parcels. The map is usable when its first sites are drawn and no tile is still awaited.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from geocommons.settings import Settings
from geocommons.store.engine import open_store
from geocommons.store.schema import migrate
from geocommons.usecases.imports.intake import ImportOptions
from geocommons.usecases.imports.sites import import_sites
from scripts.bench_serving import LAYER, make_parcels
from scripts.chromium import ARGUMENTS, find_chromium

Row = tuple[str, float, str]
ROUNDS, PORT, START_UP_S = 5, 18_431, 60.0
GEOCOMMONS = str(Path(sys.executable).with_name("geocommons"))


def run(scale: float = 1.0) -> list[Row]:
    """Return (name, figure, unit) of every measurement."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(data_dir=folder, database_url="")
        file = folder / "parcels.gpkg"
        make_parcels(round(200_000 * scale)).to_file(file)
        store = open_store(settings.database)
        migrate(store)
        import_sites(store, settings, LAYER, file, ImportOptions(), now=datetime.now(UTC))
        store.close()
        first, later = _measure(folder)
    return [
        ("page: usable map, cold browser, server just started", first, "s"),
        ("page: usable map, cold browser (under 2)", median(later), "s"),
    ]


def _measure(folder: Path) -> tuple[float, list[float]]:
    environment = os.environ | {"GEOCOMMONS_DATA_DIR": str(folder), "GEOCOMMONS_DATABASE_URL": ""}
    server = subprocess.Popen([GEOCOMMONS, "serve", "--port", str(PORT)], env=environment)
    try:
        _await_server()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
            times = [_load(browser) for _ in range(ROUNDS)]
            browser.close()
    finally:
        server.terminate()
        server.wait()
    return times[0], times[1:]


def _await_server() -> None:
    until = perf_counter() + START_UP_S
    while perf_counter() < until:
        try:
            with urlopen(f"http://127.0.0.1:{PORT}/healthz"):
                return
        except URLError:
            sleep(0.1)
    raise SystemExit("The server did not start.")


def _load(browser: Browser) -> float:
    """Return the seconds from asking for the page to a drawn map, in a context without a cache."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    start = perf_counter()
    page.goto(f"http://127.0.0.1:{PORT}/", wait_until="load")
    page.wait_for_load_state("networkidle")
    page.wait_for_selector("canvas")
    seconds = perf_counter() - start - 0.5  # networkidle waits half a second of silence
    page.context.close()
    return seconds


if __name__ == "__main__":
    for name, figure, unit in run(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(f"{name:80s}{figure:12,.3f} {unit}")
