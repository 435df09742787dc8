"""`geocommons`: the verbs of the shell, joined."""

from typing import Annotated

import typer

from geocommons import __version__
from geocommons.cli.analyse import analyse_app
from geocommons.cli.backup import backup, restore
from geocommons.cli.console import run_app
from geocommons.cli.context import context_app
from geocommons.cli.mail import mail_app
from geocommons.cli.map import export_layer, map_file
from geocommons.cli.parties import parties_app
from geocommons.cli.people import people_app
from geocommons.cli.register import check, import_layer, init, rebuild, records_app, tenures_app
from geocommons.cli.serve import demo, serve

app = typer.Typer(
    help="A register, on a map, of who stewards what.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init")(init)
app.command("demo")(demo)
app.command("serve")(serve)
app.command("import")(import_layer)
app.add_typer(tenures_app, name="tenures")
app.add_typer(records_app, name="records")
app.add_typer(context_app, name="context")
app.add_typer(analyse_app, name="analyse")
app.add_typer(people_app, name="people")
app.add_typer(parties_app, name="parties")
app.add_typer(mail_app, name="mail")
app.command("map")(map_file)
app.command("export")(export_layer)
app.command("rebuild")(rebuild)
app.command("check")(check)
app.command("backup")(backup)
app.command("restore")(restore)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _main(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False) -> None:
    """Register commons, know who stewards them, find who is served, and map it."""


def run() -> None:
    """Run the shell door."""
    run_app(app)
