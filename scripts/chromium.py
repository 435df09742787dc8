"""Find the Chromium that drives the browser tests, or bring it from Debian's packages."""

import ctypes
import os
import shutil
import sys
from pathlib import Path

from scripts import apt
from scripts.progress import StepFailed

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# The last five keep the browser from talking to anybody but the page under test.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class ChromiumMissing(Exception):
    """There is no Chromium on this machine; the message says what to install."""


def find_chromium() -> Path:
    """Return the path of a Chromium (env GEOCOMMONS_CHROMIUM first), installing one where that is possible."""
    lacking = [] if _look_for_chromium() else ["chromium"]
    lacking += [] if _driver_can_start() else ["libatomic1"]
    if lacking and apt.can_install():
        try:
            apt.install(lacking)
        except StepFailed as failure:
            raise ChromiumMissing(str(failure)) from failure
    found = _look_for_chromium()
    if found is None:
        raise ChromiumMissing("Chromium was not found. Install it: `apt install chromium` as root, or Chrome on a Mac.")
    if not _driver_can_start():
        raise ChromiumMissing("Playwright needs the library libatomic. Install it: `apt install libatomic1` as root.")
    return found


def _driver_can_start() -> bool:
    """Tell whether the library is there that Playwright's own Node is linked to; a bare Debian lacks it."""
    try:
        return sys.platform != "linux" or ctypes.CDLL("libatomic.so.1") is not None
    except OSError:
        return False


def _look_for_chromium() -> Path | None:
    chosen = os.environ.get("GEOCOMMONS_CHROMIUM")
    on_path = (shutil.which(name) for name in NAMES)
    candidates = [chosen, *on_path, *MAC_PLACES]
    return next((Path(place) for place in candidates if place and Path(place).exists()), None)
