"""The verb that proves the register: its public face, and its audit trail."""

from dataclasses import asdict

import typer

from geocommons.cli.console import err, now, progress_bar, register, words, write_json
from geocommons.store.public import find_stale, list_site_ids
from geocommons.store.trail import KEYLESS
from geocommons.usecases.audit import check_trail


def check() -> None:
    """Compare the public face of every site with what it should be, and prove the audit trail; status 1 if not so."""
    with register("keep the register") as (store, settings), progress_bar(words("Public face")):
        with store.reading() as session:
            ids = list_site_ids(session)
            stale = find_stale(session, ids)
        trail = check_trail(store, settings, now=now())
    said = {"entries": trail.entries, "newest": asdict(trail.newest), "seen": trail.seen, "broken": trail.broken,
            "keyless": trail.keyless}  # fmt: skip
    write_json({"sites": len(ids), "stale": stale, "audit": said})
    if trail.broken is not None:
        err.print(words(trail.sentence).format(entry=trail.broken, at=trail.at), style="red", markup=False)
    if trail.keyless:
        err.print(words(KEYLESS).format(count=trail.keyless), style="red", markup=False)
    raise typer.Exit(1 if stale or trail.broken is not None or trail.keyless else 0)
