"""Where one database is: a file, or a server with a user."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from operators.databases.schema import Dialect
from operators.tables.errors import closest

Engine: TypeAlias = Dialect
SCHEMES: dict[str, Engine] = {
    "sqlite": "sqlite",
    "duckdb": "duckdb",
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
PORTS: dict[Engine, int] = {"postgres": 5432, "mysql": 3306}
MASK = "***"
_OF_THE_ADDRESS = frozenset("host hostaddr port user dbname database db password passwd passfile options autocommit connect_timeout".split())
"""What drivers know as options, and is said otherwise, or decided here."""


@dataclass(frozen=True, slots=True)
class Target:
    """One database. `repr` and `shown` leave the password out."""

    name: str
    engine: Engine
    path: str = ""
    """Of a file."""
    host: str = ""
    port: int = 0
    user: str = ""
    database: str = ""
    """Its name at the server."""
    options: tuple[tuple[str, str], ...] = ()
    """Of the driver, such as sslmode."""
    password: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """For messages."""
        return self.path or f"{self.engine}://{self.user}@{self.host}:{self.port}/{self.database}"

    def masked(self, message: str) -> str:
        """The message without the password, should a driver have put it there."""
        return message.replace(self.password, MASK) if self.password else message


class BadAddress(ValueError):
    """What should say where a database is, does not. The message never holds a password."""


def read_address(name: str, address: str, password: str = "", password_in_address: bool = False) -> Target:
    """A path, or a URL such as postgresql://reader@127.0.0.1:5432/shop.

    Args:
        name: what the database is called by operators.
        password_in_address: whether the address may hold one: only where it comes from the environment.

    Raises:
        BadAddress: with what is wrong.
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        if not {"@", "="}.isdisjoint(address) and not Path(address).exists():
            raise BadAddress(f'database "{name}": its address has no "://"; write postgresql://user@host:port/database, or a path')
        return file_target(name, Path(address))
    if scheme not in SCHEMES:
        known = ", ".join(SCHEMES)
        raise BadAddress(f'database "{name}": "{scheme}" is no kind of database that is known; there are {known}. {closest(scheme, SCHEMES)}'.strip())
    engine = SCHEMES[scheme]
    if engine in ("sqlite", "duckdb"):
        return _file_with_options(name, engine, re.sub(r"^/(?=/)", "", rest) if rest.startswith("//") else rest.removeprefix("/") or rest)
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS[engine]
    except ValueError:
        raise BadAddress(f'database "{name}": the address cannot be read; write {scheme}://user@host:port/database') from None
    options = dict(parse_qsl(parts.query))
    user = unquote(parts.username or "") or options.pop("user", "")
    in_address = unquote(parts.password or "") or options.pop("password", "")
    if in_address and not password_in_address:
        variable = password_variable(name)
        raise BadAddress(f'database "{name}": the address holds a password. Leave it out, and put it into the environment variable {variable}')
    database = unquote(parts.path.lstrip("/"))
    if misplaced := sorted(options.keys() & _OF_THE_ADDRESS):
        raise BadAddress(f'database "{name}": {misplaced[0]} is no option of an address; write {scheme}://user@host:port/database')
    if not (parts.hostname and user and database):
        raise BadAddress(f'database "{name}": write {scheme}://user@host:port/database, with all of user, host and database')
    return Target(
        name,
        engine,
        host=parts.hostname,
        port=port,
        user=user,
        database=database,
        options=tuple(options.items()),
        password=in_address or password,
    )


def _file_with_options(name: str, engine: Engine, rest: str) -> Target:
    """Of sqlite:///shop.db and duckdb:///shop.duckdb?schema=sales. A file may have a question mark in its name."""
    file, mark, query = rest.rpartition("?")
    if not mark or Path(rest).exists():
        return Target(name, engine, path=str(Path(rest).absolute()))
    options = dict(parse_qsl(query))
    takes = {"schema"} if engine == "duckdb" else set()
    if unknown := sorted(options.keys() - takes) or ([] if options else [query]):
        shown = "?schema=sales,staging" if takes else "none"
        raise BadAddress(f'database "{name}": "{unknown[0]}" is no option of the address of a {engine} file; it takes {shown}')
    return Target(name, engine, path=str(Path(file).absolute()), options=tuple(options.items()))


def password_variable(name: str) -> str:
    """The environment variable that the password of a database is looked for in.

    >>> password_variable("shop-1")
    'DATAFLOW_DATABASE_PASSWORD_SHOP_1'
    """
    return "DATAFLOW_DATABASE_PASSWORD_" + re.sub(r"\W", "_", name).upper()


SQLITE_MARK = b"SQLite format 3\0"
DUCKDB_MARK = b"DUCK"
SUFFIXES = frozenset({".sqlite", ".sqlite3", ".db", ".duckdb", ".ddb"})


def engine_of_file(path: Path) -> Engine | None:
    """By its first bytes. An empty file is an empty SQLite database. None: it is neither.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(16)
    if head == SQLITE_MARK or not head:
        return "sqlite"
    return "duckdb" if head[8:12] == DUCKDB_MARK else None


def file_target(name: str, path: Path) -> Target:
    """Raises BadAddress: no such file, or one of another kind."""
    try:
        engine = engine_of_file(path)
    except OSError as error:
        raise BadAddress(f'database "{name}": {path} cannot be read: {error.strerror or error}') from None
    if engine is None:
        raise BadAddress(f'database "{name}": {path} is neither an SQLite nor a DuckDB file')
    return Target(name, engine, path=str(path.absolute()))
