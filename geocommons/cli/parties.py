"""Verbs that keep parties: parties list, merge, unmerge; and people retain."""

from typing import Annotated

import typer

from geocommons.cli.console import AsJson, language, now, out, register, words, write_json
from geocommons.cli.shell_table import shell_table
from geocommons.language import mark
from geocommons.model.base import MOST_ID
from geocommons.model.party import PARTY_WORDS
from geocommons.store.parties import find_listed, get_party, list_parties
from geocommons.usecases.people.merge import get_merge, merge_parties, undo_merge
from geocommons.usecases.people.retention import retain as retain_now

MOST_LISTED = 1_000
HEADS = (mark("Number"), mark("Name"), mark("Kind"))
parties_app = typer.Typer(help="Who holds what, as the register knows them.", no_args_is_help=True)


@parties_app.command("list")
def parties_list(
    search: Annotated[str, typer.Option(help="A part of the name.")] = "", as_json: AsJson = False
) -> None:
    """List parties with their numbers."""
    with register("see parties") as (store, _), store.reading() as session:
        found = list_parties(session, find_listed(session, search=search)[:MOST_LISTED])
    if as_json:
        write_json([{"id": party.id, "kind": party.kind, "name": party.name} for party in found])
        return
    heads = [words(head) for head in HEADS]
    rows = [[str(party.id), party.name, PARTY_WORDS[party.kind].say(language())] for party in found]
    out.print(shell_table(heads, rows, out.width, words={1, 2}))


@parties_app.command("merge")
def parties_merge(
    kept: Annotated[int, typer.Argument(max=MOST_ID, help="Number of the party that stays.")],
    gone: Annotated[int, typer.Argument(max=MOST_ID, help="Number of the party that goes into it.")],
    why: Annotated[str, typer.Option(help="Why they are one.")],
    both_logins: Annotated[
        bool, typer.Option("--both-logins", help="Both log in, and are one person all the same.")
    ] = False,
) -> None:
    """Make one party of two; what it takes to undo that is printed and kept."""
    with register("merge parties") as (store, _), store.writing() as session:
        both = (get_party(session, kept), get_party(session, gone))
        merge = merge_parties(session, *both, why=why, now=now(), both_logins=both_logins)
    write_json({"merge": merge.id, "kept": kept, "gone": gone, "moved": merge.moved})


@parties_app.command("unmerge")
def parties_unmerge(merge: Annotated[int, typer.Argument(max=MOST_ID, help="Number of the merge.")]) -> None:
    """Make two parties again of one."""
    with register("merge parties") as (store, settings), store.writing() as session:
        undo_merge(session, settings, get_merge(session, merge), now=now())
    typer.echo(words("They are two parties again."))


def retain() -> None:
    """Forget what was kept as long as the settings say, and report how much that was."""
    with register("keep people") as (store, settings):
        write_json(retain_now(store, settings, now=now()))
