"""Verbs that write maps and layers as files: map, export."""

from pathlib import Path
from typing import Annotated

import typer

from geocommons.cli.console import err, language, progress_bar, read_day, register, words
from geocommons.crs import BBox
from geocommons.errors import InvalidInput
from geocommons.usecases.exports.layers import export_layer as write_layer
from geocommons.usecases.exports.register_map import write_map

At = Annotated[str | None, typer.Option(help="Day, as 2026-03-31; today if left out.")]


def map_file(
    file: Annotated[Path, typer.Argument(help="The file to write, as OUT.html.")],
    at: At = None,
    layers: Annotated[list[str] | None, typer.Option("--layer", help="Layer to show; as often as needed.")] = None,
    bbox: Annotated[str | None, typer.Option(help="west,south,east,north in degrees.")] = None,
) -> None:
    """Write the map of who stewards what as one file that opens without internet."""
    with register("read") as (store, settings), progress_bar(file.name):
        box = None if bbox is None else _box(bbox)
        count = write_map(store, settings, file, day=read_day(at), layers=layers, bbox=box, language=language())
    err.print(words("Sites shown in {file}: {count}").format(file=file.name, count=count), markup=False)


def export_layer(
    layer: Annotated[str, typer.Argument(help="Id of the layer, as clt-parcels.")],
    file: Annotated[Path, typer.Argument(help="End its name in .gpkg, .geojson, .fgb, .parquet or .csv.")],
    at: At = None,
) -> None:
    """Write the sites of a layer with what anybody may know of them."""
    with register("read") as (store, _), progress_bar(file.name):
        count = write_layer(store, layer, file, day=read_day(at))
    err.print(words("Sites in {file}: {count}").format(file=file.name, count=count), markup=False)


def _box(text: str) -> BBox:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInput("“{bbox}” is not a box. Write west,south,east,north in degrees.", bbox=text) from error
    return BBox(west, south, east, north)
