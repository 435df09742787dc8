"""Days of a GeoPackage: GDAL's stream takes the first day of 1970 for what it cannot read as one, empty texts too."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import pyogrio.raw

from geocommons.files.reading.batches import Columns

NO_DAYS = (date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1))  # some name no zone


def restore_days(values: Columns, place_of: str, layer: Callable[[], str], first: int) -> None:
    """Put what is written in the place of a first day of 1970, in columns of the rows from a 0-based one on.

    `layer` finds its name, which is asked for only if there is such a day.
    """
    for name, column in values.items():
        if not isinstance(next(filter(None, column), None), date):  # a column has values of one type
            continue
        if doubt := [at for at, value in enumerate(column) if value in NO_DAYS]:
            written = _written(place_of, layer(), name, first, len(column))
            for at in doubt:
                column[at] = written[at]


def _written(place_of: str, layer: str, column: str, first: int, count: int) -> Sequence[object]:
    column, layer = (name.replace('"', '""') for name in (column, layer))
    asked = f'SELECT CAST("{column}" AS TEXT) AS written FROM "{layer}"'
    found = pyogrio.raw.read(place_of, sql=asked, read_geometry=False, skip_features=first, max_features=count)
    texts: list[object] = found[3][0].tolist()
    return texts
