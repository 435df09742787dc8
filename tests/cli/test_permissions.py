"""Every verb of the shell, run with a token of every role, does what the table of permissions says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer import Context
from typer.core import TyperGroup
from typer.testing import CliRunner

from geocommons.cli.main import app
from geocommons.errors import NotAllowed, NotSignedIn
from geocommons.model.account import Account
from geocommons.model.actor import Role
from geocommons.model.permission import BY_ACTION, EVERYBODY
from geocommons.settings import get_settings
from geocommons.store.engine import open_store
from geocommons.store.schema import migrate
from geocommons.usecases.people.tokens import make_token, scopes_of
from tests.make import NOW

AT_THE_MACHINE = ""
"""What is done to the machine rather than to the register: no token may."""
VERBS = {
    "init": (AT_THE_MACHINE, ""),
    "demo": (AT_THE_MACHINE, "--check"),
    "serve": (AT_THE_MACHINE, ""),
    "restore": (AT_THE_MACHINE, "nothing.zip"),
    "import": ("import places", "gardens nothing.gpkg"),
    "tenures import": ("import tenures", "nothing.csv"),
    "care import": ("import care", "nothing.csv"),
    "duties import": ("import care", "nothing.csv"),
    "records import": ("import tenures", "nothing.csv"),
    "context add": ("keep context", "streets nothing.gpkg"),
    "context list": ("read", ""),
    "context remove": ("keep context", "streets"),
    "analyse coverage": ("start an analysis", "--supply gardens"),
    "analyse gaps": ("start an analysis", "--supply gardens"),
    "analyse change": ("start an analysis", "--supply gardens"),
    "analyse siting": ("start an analysis", "--supply gardens"),
    "analyse rivers": ("start an analysis", ""),
    "analyse health": ("start an analysis", ""),
    "analyse turf": ("start an analysis", ""),
    "analyse ties": ("start an analysis", ""),
    "analyse crowding": ("start an analysis", "--supply gardens"),
    "analyse equity": ("start an analysis", "--supply gardens"),
    "runs list": ("start an analysis", ""),
    "runs show": ("start an analysis", "1"),
    "runs cancel": ("start an analysis", "1"),
    "runs publish": ("start an analysis", "1"),
    "runs withdraw": ("start an analysis", "1"),
    "standards list": ("read", ""),
    "standards keep": ("start an analysis", "nothing.json"),
    "scenarios list": ("start an analysis", ""),
    "scenarios make": ("start an analysis", "Name"),
    "scenarios change": ("start an analysis", "1 nothing.json"),
    "schedules list": ("read", ""),
    "schedules make": ("start an analysis", "1"),
    "schedules stop": ("start an analysis", "1"),
    "schedules ask": ("start an analysis", ""),
    "map": ("read", "{folder}/map.html"),
    "export": ("read", "gardens {folder}/gardens.csv"),
    "people invite": ("keep people", "new@example.org --role staff"),
    "people list": ("keep people", ""),
    "people role": ("keep people", "new@example.org --role staff"),
    "people sign-out": ("keep people", "new@example.org"),
    "people lost-passkeys": ("keep people", "new@example.org"),
    "people retain": ("keep people", ""),
    "parties list": ("see parties", ""),
    "parties merge": ("merge parties", "1 2 --why same"),
    "parties unmerge": ("merge parties", "1"),
    "mail send": ("see mail", "--once"),
    "rebuild": ("keep the register", ""),
    "check": ("keep the register", ""),
    "backup": ("keep the register", "{folder}/backup"),
}
ROLES: tuple[Role, ...] = ("resident", "group_lead", "staff", "planner", "administrator")


def verbs(command: Any, path: str = "") -> Iterator[str]:
    """Yield the words of every verb."""
    if not isinstance(command, TyperGroup):
        yield path
        return
    context = Context(command)
    for name in command.list_commands(context):
        yield from verbs(command.get_command(context, name), f"{path} {name}".strip())


def test_every_verb_stands_in_this_table() -> None:
    assert set(verbs(typer.main.get_command(app))) == set(VERBS)


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[Role, str]]:
    """A token of each role, with every scope that it can have, on an empty register."""
    monkeypatch.setenv("GEOCOMMONS_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    store = open_store(get_settings().database)
    migrate(store)
    made: dict[Role, str] = {}
    with store.writing() as session:
        for role in ROLES:
            account = Account(address=f"{role}@example.org", role=role, language="en", created_at=NOW)
            session.add(account)
            session.flush()
            scopes = [scope.action for scope in scopes_of(role)]
            made[role] = make_token(session, account, name="shell", scopes=scopes, days=365, now=store.clock())[1]
    store.close()
    yield made
    get_settings.cache_clear()


def test_a_verb_does_for_a_token_what_the_table_says(
    tokens: dict[Role, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = []
    for role, token in tokens.items():
        monkeypatch.setenv("GEOCOMMONS_TOKEN", token)
        get_settings.cache_clear()
        for verb, (action, arguments) in VERBS.items():
            done = CliRunner().invoke(app, [*verb.split(), *arguments.format(folder=tmp_path).split()])
            refused = isinstance(done.exception, NotAllowed | NotSignedIn)
            if refused == may_by_token(role, action):
                wrong.append((role, verb, repr(done.exception), done.output[-200:]))
    assert wrong == []


def may_by_token(role: Role, action: str) -> bool:
    """Whether a token of a role may do an action: what the role may, but nothing dangerous."""
    if action == AT_THE_MACHINE:
        return False
    permission = BY_ACTION[action]
    return permission.roles == EVERYBODY or (role in permission.roles and not permission.dangerous)


def test_whoever_is_at_the_machine_may_do_anything(tokens: dict[Role, str]) -> None:
    done = CliRunner().invoke(app, ["people", "list"])
    assert done.exit_code == 0
    assert all(f"{role}@example.org" in done.output for role in tokens)
