"""Read what was added as context, and prove that its file is still the one in the catalogue."""

import hashlib
from pathlib import Path

import geopandas as gpd
from geopandas import GeoDataFrame

from geocommons.errors import NotReady
from geocommons.model.context_set import ContextSet
from geocommons.settings import Settings


def read_context(settings: Settings, entry: ContextSet) -> GeoDataFrame:
    """Return a context set as a frame in EPSG:4326; refuse a file that is gone or not the one in the catalogue."""
    path = settings.context_dir / entry.path
    if not path.exists() or checksum_of(path) != entry.checksum:
        raise NotReady(
            "The file of the {kind} ({file}) is gone or changed. Add them again: geocommons context add {kind} FILE",
            kind=entry.kind,
            file=entry.path,
        )
    return gpd.read_parquet(path)


def checksum_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
