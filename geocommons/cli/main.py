"""`geocommons`: the verbs of the shell, joined."""

import gc
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from geocommons import __version__
from geocommons.errors import NotReady
from geocommons.store.trouble import reason_of, trouble_of

VERBS = MappingProxyType(
    {
        "init": "register:init",
        "demo": "serve:demo",
        "serve": "serve:serve",
        "import": "register:import_layer",
        "tenures": "tables:tenures_app",
        "records": "tables:records_app",
        "care": "tables:care_app",
        "duties": "tables:duties_app",
        "context": "context:context_app",
        "analyse": "analyse:analyse_app",
        "runs": "runs:runs_app",
        "standards": "desk:standards_app",
        "scenarios": "desk:scenarios_app",
        "schedules": "desk:schedules_app",
        "people": "people:people_app",
        "parties": "parties:parties_app",
        "mail": "mail:mail_app",
        "map": "map:map_file",
        "export": "map:export_layer",
        "rebuild": "register:rebuild",
        "check": "check:check",
        "backup": "backup:backup",
        "restore": "backup:restore",
    }
)
"""Which module has which verb, or group of verbs, under which name."""


class Verbs(TyperGroup):
    """The verbs, each loaded when it is asked for: to load them all takes longer than most of them run."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all verbs, in the order of the README."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a verb, or None if there is none of that name."""
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name].partition(":")
        verb, alone = getattr(import_module(f"geocommons.cli.{module}"), name), typer.Typer(rich_markup_mode=None)
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        if isinstance(verb, typer.Typer):
            alone.add_typer(verb, name=cmd_name)
        else:
            alone.command(cmd_name)(verb)
        return typer.main.get_group(alone).commands[cmd_name]

    def invoke(self, ctx: Any) -> Any:
        """Run a verb; what the database cannot do meanwhile is a refusal like any other."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            match trouble_of(error):
                case "away":
                    raise NotReady("The database cannot be reached: {reason}", reason=reason_of(error)) from error
                case "unwritable":
                    raise NotReady("The database cannot be written to: {reason}", reason=reason_of(error)) from error
            raise


app = typer.Typer(
    cls=Verbs,
    help="A register, on a map, of who stewards what.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _main(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False) -> None:
    """Register commons, know who stewards them, find who is served, and map it."""


def run() -> None:
    """Run the shell door; while it loads nothing is thrown away, and to look for it takes a third of the time."""
    gc.disable()
    from geocommons.cli.console import run_app

    run_app(app)
