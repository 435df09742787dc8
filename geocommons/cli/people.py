"""Verbs that keep people: people invite, list, role, sign-out, lost-passkeys."""

from typing import Annotated, Any

import typer

from geocommons.cli.console import AsJson, language, now, out, register, words, write_json
from geocommons.cli.parties import retain
from geocommons.cli.shell_table import shell_table
from geocommons.errors import NotFound
from geocommons.language import mark
from geocommons.model.account import Account, read_address
from geocommons.model.permission import ROLE_WORDS
from geocommons.numerals import moment
from geocommons.store.accounts import list_accounts, revoke_sessions
from geocommons.store.engine import Store
from geocommons.store.identities import find_account
from geocommons.usecases.people.invite import change_role, invite
from geocommons.usecases.people.passkeys import forget_passkeys
from geocommons.usecases.reach import reach_words

people_app = typer.Typer(help="Who has an account, and what they may do.", no_args_is_help=True)
people_app.command("retain")(retain)
HEADS = (mark("E-mail address"), mark("Role and reach"), mark("Last here"))
Address = Annotated[str, typer.Argument(help="E-mail address of the person.")]
RoleOption = Annotated[str, typer.Option(help="resident, group_lead, staff, planner or administrator.")]
Layers = Annotated[list[str] | None, typer.Option("--layer", help="Layer that staff are bound to; as often as needed.")]
Districts = Annotated[
    list[str] | None, typer.Option("--district", help="District that staff are bound to; as often as needed.")
]


@people_app.command("invite")
def people_invite(address: Address, role: RoleOption, layer: Layers = None, district: Districts = None) -> None:
    """Invite somebody, and print the link that lets them in once, within a week."""
    with register("keep people") as (store, settings):
        link = invite(
            store, settings, address, role=role, reach=_reach(layer, district), origin=settings.home,
            language=language(), now=now(),
        )  # fmt: skip
    typer.echo(link)


@people_app.command("list")
def people_list(as_json: AsJson = False) -> None:
    """List the accounts, their roles and their reach."""
    with register("keep people") as (store, settings), store.reading() as session:
        found = list_accounts(session)
    if as_json:
        write_json([_as_json(one) for one in found])
        return
    heads = [words(head) for head in HEADS]
    out.print(shell_table(heads, [_row(one, settings.time_zone) for one in found], out.width, words={0, 1, 2}))


@people_app.command("role")
def people_role(address: Address, role: RoleOption, layer: Layers = None, district: Districts = None) -> None:
    """Give somebody another role and reach; their sessions end."""
    with register("keep people") as (store, _):
        change_role(store, _account_id(store, address), role=role, reach=_reach(layer, district), now=now())
    typer.echo(words("The role was changed. Whoever it is signs in again."))


@people_app.command("sign-out")
def people_sign_out(address: Address) -> None:
    """End every session of somebody."""
    with register("keep people") as (store, _):
        account_id = _account_id(store, address)
        with store.writing() as session:
            revoke_sessions(session, account_id, now=now())
    typer.echo(words("Every session of this account was ended."))


@people_app.command("lost-passkeys")
def people_lost_passkeys(address: Address) -> None:
    """Remove every passkey of somebody who lost them, and end every session."""
    with register("keep people") as (store, _):
        account_id = _account_id(store, address)
        with store.writing() as session:
            count = forget_passkeys(session, account_id)
            revoke_sessions(session, account_id, now=now())
    typer.echo(words("{count} passkeys were removed, and every session was ended.").format(count=count))


def _as_json(account: Account) -> dict[str, Any]:
    return {
        "address": account.address,
        "role": account.role,
        "reach": [{"kind": reach.kind, "name": reach.name} for reach in account.bounds],
        "seen_at": account.seen_at,
    }


def _row(account: Account, zone: str) -> list[str]:
    seen = moment(account.seen_at, language(), zone) if account.seen_at else words("never")
    role = ROLE_WORDS[account.role].say(language())
    reach = f"{role}: {reach_words(account.bounds, language())}" if account.bounds else role
    return [account.address or "–", reach, seen]


def _account_id(store: Store, address: str) -> int:
    with store.reading() as session:
        found = find_account(session, read_address(address))
    if found is None:
        raise NotFound("Nobody has an account with the address {address}.", address=address)
    return found.id


def _reach(layers: list[str] | None, districts: list[str] | None) -> dict[str, list[str]]:
    return {"layer": layers or [], "district": districts or []}
