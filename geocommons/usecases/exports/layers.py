"""Write the sites of a layer as a file that others can open; public columns only."""

from datetime import date
from pathlib import Path

from geocommons.files.export import write_frame
from geocommons.store.engine import Store
from geocommons.usecases.public_sites import public_frame


def export_layer(store: Store, layer_id: str, path: Path, *, day: date) -> int:
    """Write the sites of a layer that exist on a day, and return how many; the format is as the suffix says."""
    with store.reading() as session:
        frame = public_frame(session, layer_id, day)
    write_frame(frame, path)
    return len(frame)
