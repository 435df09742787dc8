"""Read what was added as context, and prove that its file is still the one in the catalogue."""

import geopandas as gpd
from geopandas import GeoDataFrame

from geocommons.errors import NotReady
from geocommons.files.checksum import checksum_of
from geocommons.model.context_set import ContextSet
from geocommons.settings import Settings


def read_context(settings: Settings, entry: ContextSet) -> GeoDataFrame:
    """Return a context set as a frame in EPSG:4326; refuse a file that is gone or not the one in the catalogue."""
    path = settings.context_dir / entry.path
    if checksum_of(path) != entry.checksum:
        raise NotReady(
            "The file of the {kind} ({file}) is gone or changed. Add them again: geocommons context add {kind} FILE",
            kind=entry.kind,
            file=entry.path,
        )
    return gpd.read_parquet(path)
