"""Start a private PostGIS in a temporary folder, and leave nothing behind, however the caller ends.

`python -m scripts.postgis` starts one and prints its URL until Ctrl-C; with a command behind it, runs the
command with GEOCOMMONS_DATABASE_URL set.

A guard process of its own owns the cluster. It lives as long as its standard input stays open: when the
caller ends, even by kill -9, the system closes that pipe, and the guard stops the cluster and removes it.
"""

import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import LiteralString, NamedTuple

import psycopg
from psycopg import sql

from scripts import apt
from scripts.progress import StepFailed

PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
EXTENSIONS = ("postgis", "btree_gist")
EMPTY = "geocommons_empty"
START_S = 60
# Safe on a cluster that nobody needs after a crash; several times faster.
SPEED = MappingProxyType(
    {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",
        "jit": "off",
        "max_connections": "60",
        "shared_buffers": "128MB",
        "max_wal_size": "2GB",
        "dynamic_shared_memory_type": "mmap",  # a container's /dev/shm is small
    }
)


class PostgisMissing(Exception):
    """There is no PostgreSQL with PostGIS on this machine, or it does not start; the message says why."""


class Cluster(NamedTuple):
    """A running private cluster, on 127.0.0.1 and on a socket in its folder."""

    port: int
    password: str
    folder: str

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://geocommons:{self.password}@127.0.0.1:{self.port}/{database}"

    def create(self, name: str, *, template: str = EMPTY) -> str:
        """Create a database as a copy of another (as it comes: with PostGIS, no table) and return its URL."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            # Copied file by file; where PostgreSQL would rather log every page, four times faster.
            by_file: LiteralString = " STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""
            _run(connection, "CREATE DATABASE {} TEMPLATE {}" + by_file, name, template)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database and whoever is connected to it."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def prepare(self) -> None:
        """Make the database that others are copied from."""
        self.create(EMPTY, template="template0")
        with psycopg.connect(self._conninfo(EMPTY), autocommit=True) as connection:
            for extension in EXTENSIONS:
                _run(connection, "CREATE EXTENSION {}", extension)

    def _conninfo(self, database: str) -> str:
        return self.url(database).replace("+psycopg", "")


def _run(connection: psycopg.Connection, statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def private_cluster(within: Path | None = None) -> Iterator[Cluster]:
    """Run a private cluster, in a new folder `within` another, for as long as the block lasts.

    Raises PostgisMissing with the reason.
    """
    programs = find_programs()
    guard = subprocess.Popen(
        [sys.executable, "-m", "scripts.postgis", "--guard", programs, within or tempfile.gettempdir()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parent.parent,
        start_new_session=True,  # Ctrl-C is for the caller, which then closes the pipe
    )
    assert guard.stdin is not None
    assert guard.stdout is not None
    try:
        answer = json.loads(guard.stdout.readline() or '{"error": "The guard of the private PostGIS died."}')
        if "error" in answer:
            raise PostgisMissing(answer["error"])
        yield Cluster(**answer)
    finally:
        guard.stdin.close()
        guard.wait()
        guard.stdout.close()


def find_programs() -> Path:
    """Return the folder of a PostgreSQL that has PostGIS, installing it where that is possible."""
    found = _look_for_programs()
    if found is None and apt.can_install():
        try:
            _install_postgis()
        except StepFailed as failure:
            raise PostgisMissing(str(failure)) from failure
        found = _look_for_programs()
    if found is None:
        raise PostgisMissing(
            "PostgreSQL with PostGIS was not found. Install it: `apt install postgresql postgis` as root on Debian and "
            "Ubuntu (package postgresql-NN-postgis-3), `brew install postgresql postgis` on a Mac."
        )
    return found


def _look_for_programs() -> Path | None:
    on_path = shutil.which("pg_ctl")
    folders = [path for place in PLACES for path in Path("/").glob(place.lstrip("/"))]
    folders += [Path(on_path).resolve().parent] if on_path else []
    usable = [folder for folder in folders if (folder / "initdb").exists() and _has_postgis(folder)]
    return max(usable, key=lambda folder: int((re.findall(r"\d+", str(folder)) or ["0"])[0]), default=None)


def _has_postgis(folder: Path) -> bool:
    asked: list[str | Path] = [folder / "pg_config", "--sharedir", "--pkglibdir"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    if len(answer) != 2:
        return False
    share, library = map(Path, answer)
    return (share / "extension" / "postgis.control").exists() and any(library.glob("postgis-*"))


def _install_postgis() -> None:
    """Install the newest PostGIS of the distribution, without starting the distribution's own cluster."""
    apt.update()
    listed = subprocess.run(
        ["apt-cache", "pkgnames", "postgresql-"], capture_output=True, text=True, check=False
    ).stdout.split()
    versions = [int(hit[1]) for name in listed if (hit := re.fullmatch(r"postgresql-(\d+)-postgis-3", name))]
    if not versions:
        raise StepFailed("Debian's package lists hold no postgresql-NN-postgis-3.")
    apt.install(["postgresql-common"])
    config = Path("/etc/postgresql-common/createcluster.conf")
    before = config.read_text()
    config.write_text(before + "\ncreate_main_cluster = false\n")
    try:
        apt.install([f"postgresql-{max(versions)}", f"postgresql-{max(versions)}-postgis-3"])
    finally:
        config.write_text(before)


# --- the guard ------------------------------------------------------------------------------------------------


def guard(programs: Path, within: Path) -> int:
    """Own a cluster until standard input closes; print how to reach it, or why not, as one line of JSON."""
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, lambda *_: stopping.set())
    threading.Thread(target=_wait_for_end_of_input, args=(stopping,), daemon=True).start()
    folder = Path(tempfile.mkdtemp(prefix="geocommons-pg-", dir=within))
    owner = _owner()
    try:
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        cluster = _start(programs, folder, owner)
        print(json.dumps(cluster._asdict()), flush=True)
        stopping.wait()
    except (PostgisMissing, psycopg.Error, OSError) as error:
        print(json.dumps({"error": f"The private PostGIS did not start: {error}"}), flush=True)
    finally:
        _call(programs, folder, owner, "pg_ctl", "stop", "--mode=immediate", "--silent", "-D", folder / "data")
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _wait_for_end_of_input(stopping: threading.Event) -> None:
    sys.stdin.read()
    stopping.set()


def _start(programs: Path, folder: Path, owner: pwd.struct_passwd | None) -> Cluster:
    cluster = Cluster(_free_port(), secrets.token_hex(16), str(folder))
    password_file = folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(cluster.password)
    if owner:
        os.chown(password_file, owner.pw_uid, owner.pw_gid)
    log, data = folder / "log", folder / "data"
    settings = {**SPEED, "port": str(cluster.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": folder}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    initdb: tuple[str | Path, ...] = (
        "initdb",
        "-D",
        data,
        "-U",
        "geocommons",
        "-A",
        "scram-sha-256",
        f"--pwfile={password_file}",
    )
    start: tuple[str | Path, ...] = ("pg_ctl", "start", "-w", "-t", str(START_S), "-D", data, "-l", log, "-o", options)
    for program, *arguments in ((*initdb, *_collation(programs), "-E", "UTF8", "--no-sync"), start):
        done = _call(programs, folder, owner, str(program), *arguments)
        if done.returncode:
            said = log.read_text(errors="replace") if log.exists() else done.stdout
            raise PostgisMissing(said.strip()[-2000:])
    cluster.prepare()
    return cluster


def _collation(programs: Path) -> tuple[str, ...]:
    """Sort text as a city's own server would, not by bytes: an order that only holds by bytes shows up in tests."""
    said = subprocess.run([programs / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    version = int(re.findall(r"\d+", said)[0])
    return ("--locale-provider=icu", "--icu-locale=en-US", "--locale=C") if version >= 15 else ("--locale=C",)


def _call(
    programs: Path, folder: Path, owner: pwd.struct_passwd | None, program: str, *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL program, as an unprivileged user where this process is root."""
    return subprocess.run(
        [str(programs / program), *map(str, arguments)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        # A file, not a pipe: the server inherits it and would keep a pipe open.
        stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
        stderr=subprocess.DEVNULL if program == "pg_ctl" else subprocess.STDOUT,
        text=True,
        check=False,
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
        env={**os.environ, "HOME": str(folder), "LC_ALL": "C"},
    )


def _owner() -> pwd.struct_passwd | None:
    """Return who runs the cluster instead of root, which PostgreSQL refuses; None for whoever we are."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- the command ----------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Start a private PostGIS for a command, or until Ctrl-C."""
    if arguments[:1] == ["--guard"]:
        return guard(Path(arguments[1]), Path(arguments[2]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with private_cluster() as cluster:
            url = cluster.create("geocommons")
            if arguments:
                return subprocess.run(
                    arguments, check=False, env=os.environ | {"GEOCOMMONS_DATABASE_URL": url}
                ).returncode
            print(f"GEOCOMMONS_DATABASE_URL={url}\nPress Ctrl-C to stop and remove it.", flush=True)
            signal.pause()
    except PostgisMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
