"""Verbs that bring tables in: tenures import, care import, duties import, records import."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from geocommons.cli.console import DryRun, OnErrorOption, ReportFile, finish, now, progress_bar, register
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.tables.care import import_care
from geocommons.usecases.imports.tables.duties import import_duties
from geocommons.usecases.imports.tables.records import import_records
from geocommons.usecases.imports.tables.tenures import import_tenures


def _add_table(app: typer.Typer, action: str, bring_in: Callable[..., Report], told: str) -> None:
    """Give a group of verbs the one that brings in its table."""

    @app.command("import", help=told)
    def import_file(
        file: Annotated[Path, typer.Argument(help="Table with the columns named in the README.")],
        dry_run: DryRun = False,
        on_error: OnErrorOption = "reject",
        report: ReportFile = None,
    ) -> None:
        with register(action) as (store, settings), progress_bar(file.name) as advance:
            done = bring_in(store, settings, file, now=now(), dry_run=dry_run, on_error=on_error, progress=advance)
        finish(done, report)


tenures_app = typer.Typer(help="Who holds what.", no_args_is_help=True)
care_app = typer.Typer(help="Care that was given.", no_args_is_help=True)
duties_app = typer.Typer(help="What is due, and by when.", no_args_is_help=True)
_add_table(
    tenures_app, "import tenures", import_tenures,
    "Bring a table of rights, restrictions and responsibilities into the register.",
)  # fmt: skip
_add_table(
    care_app, "import care", import_care,
    "Bring a table of care that was given into the register; an id that it knows is not counted twice.",
)  # fmt: skip
_add_table(
    duties_app, "import care", import_duties,
    "Bring a table of what is due into the register, and of when it was done last.",
)  # fmt: skip
records_app = typer.Typer(help="Why things changed.", no_args_is_help=True)


@records_app.command("import")
def records_import(
    file: Annotated[Path, typer.Argument(help="Columns: ref, kind, day, title.")],
    report: ReportFile = None,
) -> None:
    """Bring a table of records (deeds, leases, plans, decisions, agreements) into the register."""
    with register("import tenures") as (store, settings):
        done = import_records(store, settings, file, now=now())
    finish(done, report)
