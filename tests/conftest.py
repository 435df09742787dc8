"""What tests stand on: a clean database of each kind, a browser, the folder of real data.

A part that the machine lacks is a skip that the summary names; with CI=true it is a failure.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from geocommons.store.engine import Store, open_store
from geocommons.store.schema import migrate
from scripts.chromium import ARGUMENTS, ChromiumMissing, find_chromium
from scripts.postgis import Cluster, PostgisMissing, private_cluster

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ("sqlite", "postgis")
CLUSTER = pytest.StashKey[Cluster]()
CLUSTER_STACK = pytest.StashKey[ExitStack]()
LONGEST = (
    "analysis/walk/test_kernels.py",  # compiles what others then find compiled
    "api/test_fuzz.py",
    "api/people/test_hidden_name.py",
    "usecases/exports/test_runs.py",
    "api/test_desk.py",
    "web/test_pages.py",
    "web/test_shell.py",
    "web/test_map.py",
)
"""Files of tests that take longest. They begin first: one that began last would run while the other worker idles."""
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 2_000_000_000
"""What must be free there: many times the 250 MB that a whole run takes at its height, its PostGIS included."""
OWN_VARIABLES = frozenset({"GEOCOMMONS_REALDATA", "GEOCOMMONS_CHROMIUM"})
Prepare = Callable[[str], object]
_number = count(1)


# The same examples on every run, however slow the machine is.
settings.register_profile("geocommons", deadline=None, derandomize=True)
settings.load_profile("geocommons")


def pytest_configure() -> None:
    """Keep a developer's own settings out of the tests, the tests out of their register, and files in memory."""
    for name in [name for name in os.environ if name.startswith("GEOCOMMONS_") and name not in OWN_VARIABLES]:
        del os.environ[name]
    # The name that Starlette's test client asks under.
    os.environ["GEOCOMMONS_ALLOWED_HOSTS"] = "testserver"
    # A disk is waited for at each commit, so that it outlives a power cut; a test's database need not.
    if has_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def has_memory() -> bool:
    """Return whether the files of all tests fit into memory."""
    return os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES


def missing_part(reason: str) -> NoReturn:
    """Skip loudly, or fail where everything must be there."""
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(f"CI=true and a part is missing: {reason}", pytrace=False)
    pytest.skip(f"MISSING PART: {reason}")


# --- databases ------------------------------------------------------------------------------------------------


class SqliteDatabases:
    """Clean SQLite files in a folder of the test's own."""

    kind = "sqlite"

    def __init__(self, folder: Path, prepared_folder: Path) -> None:
        self._folder, self._prepared_folder = folder, prepared_folder

    def empty(self) -> str:
        """Return the URL of a database that does not exist yet."""
        return f"sqlite:///{self._folder / f'test{next(_number)}.sqlite'}"

    def prepared(self, name: str, prepare: Prepare) -> str:
        """Return the URL of a copy of a database that `prepare(url)` filled once for the whole run."""
        original = self._prepared_folder / f"{name}.sqlite"
        if not original.exists():
            prepare(f"sqlite:///{original}")
        copy = self._folder / f"test{next(_number)}.sqlite"
        shutil.copyfile(original, copy)
        return f"sqlite:///{copy}"

    def close(self) -> None:
        """Leave the files to pytest's temporary folder."""


class PostgisDatabases:
    """Clean databases of the private cluster, dropped after the test; PostGIS and btree_gist are in them."""

    kind = "postgis"
    _prepared: set[str] = set()  # noqa: RUF012 - shared on purpose: templates live as long as the cluster

    def __init__(self, cluster: Cluster, worker: str) -> None:
        self._cluster, self._worker, self._made = cluster, worker, list[str]()

    def empty(self, *, template: str | None = None) -> str:
        """Return the URL of a database with the extensions and no table."""
        name = f"test_{self._worker}_{next(_number)}"
        self._made.append(name)
        return self._cluster.create(name, **({"template": template} if template else {}))

    def prepared(self, name: str, prepare: Prepare) -> str:
        """Return the URL of a copy of a database that `prepare(url)` filled once for the whole run.

        `prepare` must close its connections: PostgreSQL copies only a database that nobody uses.
        """
        original = f"prepared_{self._worker}_{name}"
        if original not in self._prepared:
            prepare(self._cluster.create(original))
            self._prepared.add(original)
        return self.empty(template=original)

    def close(self) -> None:
        """Drop what the test made."""
        for name in self._made:
            self._cluster.drop(name)


@pytest.fixture(scope="session")
def postgis(request: pytest.FixtureRequest) -> Cluster:
    """A private PostGIS cluster, one for the whole run."""
    config = request.config
    if hasattr(config, "workerinput"):
        given = config.workerinput["postgis"]
        return missing_part(given) if isinstance(given, str) else Cluster(*given)
    try:
        return _cluster_of(config)
    except PostgisMissing as missing:
        missing_part(str(missing))


@pytest.fixture(params=BACKENDS)
def databases(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqliteDatabases | PostgisDatabases]:
    """Both kinds of database, one after the other: `.kind`, `.empty()` and `.prepared(name, prepare)` give URLs."""
    made: SqliteDatabases | PostgisDatabases
    if request.param == "sqlite":
        made = SqliteDatabases(tmp_path, prepared_folder(tmp_path_factory))
    else:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        made = PostgisDatabases(request.getfixturevalue("postgis"), worker)
    yield made
    made.close()


@pytest.fixture
def database_url(databases: SqliteDatabases | PostgisDatabases) -> str:
    """The URL of a clean database without tables: SQLite, then PostGIS."""
    return databases.empty()


def make_register(url: str) -> None:
    """Make an empty register, once for the whole run."""
    store = open_store(url)
    migrate(store)
    store.close()


@pytest.fixture
def store(databases: SqliteDatabases | PostgisDatabases) -> Iterator[Store]:
    """An empty register of its own, on SQLite and then on PostGIS."""
    opened = open_store(databases.prepared("register", make_register))
    yield opened
    opened.close()


def prepared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of what is made once for the whole run."""
    folder = factory.getbasetemp() / "prepared"
    folder.mkdir(exist_ok=True)
    return folder


def _cluster_of(config: pytest.Config) -> Cluster:
    """Start the cluster on first use; `pytest_unconfigure` stops it."""
    if CLUSTER not in config.stash:
        stack = config.stash.setdefault(CLUSTER_STACK, ExitStack())
        config.stash[CLUSTER] = stack.enter_context(private_cluster(MEMORY if has_memory() else None))
    return config.stash[CLUSTER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give each xdist worker the one cluster of the run."""
    try:
        node.workerinput["postgis"] = tuple(_cluster_of(node.config))
    except PostgisMissing as missing:
        node.workerinput["postgis"] = str(missing)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster, if one was started."""
    if CLUSTER_STACK in config.stash:
        config.stash[CLUSTER_STACK].close()


# --- browser and real data ------------------------------------------------------------------------------------

PATIENCE_MS = 30_000
"""How long a busy machine may take to show what a test expects."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real headless Chromium, one for the whole run."""
    try:
        executable = find_chromium()
    except ChromiumMissing as missing:
        missing_part(str(missing))
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real cities and real dirty files, which is not part of the project."""
    folder = Path(os.environ.get("GEOCOMMONS_REALDATA") or ROOT.parent / "shared" / "realdata")
    if not folder.is_dir():
        pytest.skip(f"MISSING PART: no folder of real data at {folder} (set GEOCOMMONS_REALDATA)")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest files first, and those with a browser last: its event loop stays and refuses `asyncio.run`."""
    with_browser = {item.path for item in items if "browser" in getattr(item, "fixturenames", ())}
    place = {ROOT / "tests" / name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (item.path in with_browser, place.get(item.path, len(LONGEST))))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in one place what this run could not test."""
    skips = terminalreporter.stats.get("skipped", [])
    reasons = {str(skip.longrepr[2]) for skip in skips if isinstance(skip.longrepr, tuple)}
    loud = sorted(reason for reason in reasons if "MISSING PART" in reason)
    if loud:
        terminalreporter.section("NOT TESTED HERE", sep="!", red=True, bold=True)
        for reason in loud:
            terminalreporter.write_line(reason, red=True)
