"""PostgreSQL and MariaDB for tests: started on a free port of 127.0.0.1 in a temporary folder, stopped for certain at the end."""

from __future__ import annotations

import atexit
import contextlib
import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

READER = "reader"
OWNER = "owner"
STARTS_WITHIN_SECONDS = 120
"""On a busy machine."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `owner` may do everything, `reader` (password "secret words") may read the database "shop"."""

    engine: str
    port: int

    def url(self, user: str = READER, database: str = "shop") -> str:
        return f"{'postgresql' if self.engine == 'postgres' else 'mysql'}://{user}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str, database: str = "shop", user: str = OWNER) -> list[tuple[Any, ...]]:
        """Statements as the owner; the rows of the last."""
        with contextlib.closing(self.connection(database, user)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def connection(self, database: str = "shop", user: str = OWNER) -> Any:
        if self.engine == "postgres":
            import psycopg

            return psycopg.connect(host="127.0.0.1", port=self.port, user=user, dbname=database, password="secret words", autocommit=True)
        import pymysql

        return pymysql.connect(host="127.0.0.1", port=self.port, user=user, database=database or None, password="secret words", autocommit=True)


def postgres_folder() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def postgres() -> Iterator[Server]:
    """Skips the test where PostgreSQL is not installed."""
    programs = postgres_folder()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with _folder("postgres") as (folder, user):
        port = _free_port()
        data = folder / "data"
        _call([*_as(user), str(programs / "initdb"), "-D", str(data), "-U", OWNER, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"])
        settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "max_connections": 200}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with _running([*_as(user), str(programs / "postgres"), "-D", str(data), *options], folder, signal.SIGINT):
            server = Server("postgres", port)
            _wait(lambda: server.run("SELECT 1", database="postgres"), folder)
            server.run("CREATE DATABASE shop", f"CREATE ROLE {READER} LOGIN PASSWORD 'secret words'", database="postgres")
            yield server


@contextmanager
def mariadb() -> Iterator[Server]:
    """Skips the test where MariaDB is not installed."""
    programs = {name: shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin") for name in ("mariadbd", "mariadb-install-db")}
    if None in programs.values():
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server")
    with _folder("mysql", "nobody") as (folder, user):
        port = _free_port()
        data = folder / "data"
        options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        _call([*_as(user), str(programs["mariadb-install-db"]), "--no-defaults", f"--datadir={data}", *options])
        settings = {"datadir": data, "port": port, "bind-address": "127.0.0.1", "socket": folder / "s", "pid-file": folder / "pid"}
        settings |= {"max-connections": 300, "innodb-flush-log-at-trx-commit": 0, "innodb-buffer-pool-size": "32M", "performance-schema": 0}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with _running([*_as(user), str(programs["mariadbd"]), "--no-defaults", *options], folder, signal.SIGTERM):
            server = Server("mysql", port)
            _wait(lambda: _as_root(port, "SELECT 1"), folder)
            _as_root(
                port,
                f"CREATE USER {OWNER}@'%' IDENTIFIED BY 'secret words'",
                f"GRANT ALL PRIVILEGES ON *.* TO {OWNER}@'%' WITH GRANT OPTION",
                "CREATE DATABASE shop",
                f"CREATE USER {READER}@'%' IDENTIFIED BY 'secret words'",
                f"GRANT SELECT ON shop.* TO {READER}@'%'",
            )
            yield server


def _as_root(port: int, *statements: str) -> None:
    import pymysql

    with contextlib.closing(pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def _folder(*users: str) -> Iterator[tuple[Path, str]]:
    """A temporary folder of the first of these users that there is, and that user. Servers refuse to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="dataflow-server-"))
    user = getpass.getuser()
    try:
        if os.geteuid() == 0:
            user = next(name for name in users if _exists(name))
            shutil.chown(folder, user)
            folder.chmod(0o700)
        yield folder, user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _as(user: str) -> list[str]:
    """Run as this user, and end with the process that asked, however that ends."""
    with_it = ["setpriv", "--pdeathsig=TERM"]
    return [*with_it, f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"] if os.geteuid() == 0 else with_it


@contextmanager
def _running(command: Sequence[str], folder: Path, stop: signal.Signals) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, cwd="/")
    atexit.register(_kill, process)
    try:
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            _kill(process)
        atexit.unregister(_kill)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _call(command: Sequence[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}\n{result.stderr}"


def _wait(ready: Callable[[], Any], folder: Path) -> None:
    last: Exception | None = None
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until:
        try:
            ready()
        except Exception as error:  # the server is starting
            last = error
            time.sleep(0.05)
        else:
            return
    log = (folder / "log").read_text(errors="replace")
    raise AssertionError(f"the server does not answer: {last}\n{log[-2000:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
