"""Verbs that fill and keep the register: init, import, rebuild."""

from pathlib import Path
from typing import Annotated

import typer

from geocommons.cli.console import (
    DryRun,
    OnErrorOption,
    ReportFile,
    finish,
    now,
    operator,
    progress_bar,
    refuse_token,
    register,
    words,
)
from geocommons.errors import InvalidInput
from geocommons.settings import get_settings, make_data_dir
from geocommons.store.engine import Store, open_store
from geocommons.store.public import list_site_ids, republish
from geocommons.store.schema import migrate
from geocommons.usecases.imports.intake import ImportOptions
from geocommons.usecases.imports.sites import import_sites


def init() -> None:
    """Make the register, or bring it to this version."""
    refuse_token()
    settings = get_settings()
    make_data_dir(settings)
    store = open_store(settings.database).acting_as(operator())
    if migrate(store):
        _publish(store)
    store.close()
    typer.echo(words("The register is ready: {database}").format(database=store.engine.url.render_as_string()))


def import_layer(
    layer: Annotated[str, typer.Argument(help="Id of the layer, as clt-parcels.")],
    file: Annotated[Path, typer.Argument(help="Any vector file that GDAL reads, GeoParquet, or CSV with coordinates.")],
    file_layer: Annotated[str | None, typer.Option("--layer", help="Layer inside the file, if several.")] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of the file if it does not say, as EPSG:28992.")] = None,
    x: Annotated[str | None, typer.Option("--x", help="Column of a CSV with the x or longitude.")] = None,
    y: Annotated[str | None, typer.Option("--y", help="Column of a CSV with the y or latitude.")] = None,
    ref: Annotated[str | None, typer.Option(help="Column with the official number; # takes the row number.")] = None,
    columns: Annotated[list[str] | None, typer.Option("--map", help="fact=column; as often as needed.")] = None,
    outline: Annotated[bool, typer.Option("--outline", help="Take the outline of areas, as lines.")] = False,
    on: Annotated[str | None, typer.Option("--on", help="Layer whose sites lend points their shape.")] = None,
    dry_run: DryRun = False,
    on_error: OnErrorOption = "reject",
    report: ReportFile = None,
    retire_missing: Annotated[
        bool, typer.Option("--retire-missing", help="Retire sites that the file no longer has.")
    ] = False,
    record: Annotated[str | None, typer.Option(help="Record that says why they are retired.")] = None,
) -> None:
    """Bring the rows of a vector file into a layer."""
    options = ImportOptions(
        file_layer=file_layer, crs=crs, x=x, y=y, ref=ref, columns=_pairs(columns or []), outline=outline, on=on,
        dry_run=dry_run, on_error=on_error, retire_missing=retire_missing, record=record,
    )  # fmt: skip
    with register("import places") as (store, settings), progress_bar(file.name) as advance:
        done = import_sites(store, settings, layer, file, options, now=now(), progress=advance)
    finish(done, report)


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        fact, sign, column = text.partition("=")
        if not (fact and sign and column):
            raise InvalidInput("“{text}” is not of the form fact=column.", text=text)
        pairs[fact.strip()] = column.strip()
    return pairs


def rebuild() -> None:
    """Write the public face of every site anew."""
    with register("keep the register") as (store, _):
        count = _publish(store)
    typer.echo(words("Sites published anew: {count}").format(count=count))


def _publish(store: Store) -> int:
    with progress_bar(words("Public face")), store.writing() as session:
        return republish(session, list_site_ids(session))
