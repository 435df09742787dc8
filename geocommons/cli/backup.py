"""Verbs that put the register into one file, and bring it back."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from geocommons.cli.console import err, now, operator, progress_bar, refuse_token, register, words, write_json
from geocommons.language import mark
from geocommons.settings import get_settings
from geocommons.store.engine import open_store
from geocommons.usecases.backup import back_up
from geocommons.usecases.restore import restore as restore_register

LEDGER_LOST = mark("No ledger was found in the data folder: who withdrew or was erased after {made_at} is named again.")
LEDGER_OF_ANOTHER = mark("The ledger in the data folder is of another register; it was kept under another name.")


def backup(
    file: Annotated[Path, typer.Argument(help="File to write. It holds names: keep it as you keep the register.")],
) -> None:
    """Write the whole register into one file, as it is at this moment."""
    with register("keep the register") as (store, settings), progress_bar(file.name) as advance:
        done = back_up(store, settings, file, now=now(), progress=advance)
    write_json(asdict(done))
    for path in done.missing:
        err.print(words("The data folder no longer has {file}; the backup is without it.").format(file=path))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `geocommons backup` wrote, from either database.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of a register that is not empty.")
    ] = False,
) -> None:
    """Bring a register back, without those who withdrew or were erased since; status 1 where something is not sound."""
    refuse_token()
    settings = get_settings()
    store = open_store(settings.database).acting_as(operator())
    try:
        with progress_bar(file.name):
            done = restore_register(store, settings, file, now=now(), replace=replace)
    finally:
        store.close()
    write_json(asdict(done))
    if done.ledger == "lost":
        err.print(words(LEDGER_LOST).format(made_at=done.made_at), style="red", markup=False)
    if done.ledger == "another":
        err.print(words(LEDGER_OF_ANOTHER), style="red", markup=False)
    broken = done.trail is not None and done.trail.broken is not None
    if done.trail is not None and broken:
        err.print(
            words(done.trail.sentence).format(entry=done.trail.broken, at=done.trail.at), style="red", markup=False
        )
    raise typer.Exit(1 if broken or done.stale or done.ledger != "kept" else 0)
