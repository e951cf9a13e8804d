"""A release's database and evidence files, brought back as an operator would bring back a backup."""

from __future__ import annotations

import json
import lzma
import os
import secrets
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings
from psycopg.sql import SQL, Identifier, Literal

from run.embedded.postgres import installed_programs

RELEASES = Path(__file__).parent / "releases"
DATABASE = "database.sql.xz"
EVIDENCE = "evidence.tar.xz"
PUBLISHED = "published.json.xz"
ABOUT = "about.json"


@dataclass(frozen=True)
class Release:
    """The folder of one release."""

    folder: Path

    @property
    def about(self) -> dict[str, Any]:
        """Its name, when it was made, and how much it holds."""
        return dict(json.loads((self.folder / ABOUT).read_text()))

    @property
    def published(self) -> list[dict[str, Any]]:
        """What the release served to everybody, by address."""
        return list(json.loads(lzma.decompress((self.folder / PUBLISHED).read_bytes())))


REFUSED = {"4bc6cfb": "could not keep them secret"}
"""Releases that are kept to see that `make run` refuses them, and what it says (docs/decisions/0031)."""


def releases() -> list[Release]:
    """Every release that is carried over, by name."""
    found = (Release(path.parent) for path in sorted(RELEASES.glob(f"*/{ABOUT}")))
    return [one for one in found if one.folder.name not in REFUSED]


def refused() -> list[Release]:
    """Every release that is not, by name."""
    return [Release(RELEASES / name) for name in sorted(REFUSED)]


@dataclass(frozen=True)
class Restored:
    """A restored database, the environment of a process that uses it, and a connection of its owner."""

    environ: dict[str, str]
    owner: psycopg.Connection
    var: Path

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds, as the owner."""
        return self.owner.execute(sql.encode(), values).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        """The one value that a query finds."""
        return self.rows(sql, *values)[0][0]


@contextmanager
def restored(release: Release, var: Path) -> Iterator[Restored]:
    """Restore into an empty database that belongs to the owner, with a role for the service that owns nothing."""
    server = settings.DATABASES["default"]
    name = role = f"assize_upgrade_{secrets.token_hex(4)}"
    password = secrets.token_hex(16)
    with _connect(server, server["NAME"]) as admin:
        admin.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
        admin.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(role), Literal(password)))
    try:
        _load(release, server, name)
        uploads = var / "uploads"
        with tarfile.open(release.folder / EVIDENCE) as archive:
            archive.extractall(uploads, filter="data")
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("ASSIZE_", "PYTEST_"))}
        environ |= {
            "ASSIZE_MODE": "test",
            "LOG_LEVEL": "ERROR",
            "ASSIZE_VAR": str(var),
            "ASSIZE_UPLOADS": str(uploads),
            "DATABASE_URL": _url(server, name, role, password),
            "DATABASE_OWNER_URL": _url(server, name, server["USER"], server["PASSWORD"]),
            "CELERY_BROKER_URL": _own_queue(settings.CELERY_BROKER_URL),
        }
        with _connect(server, name) as owner:
            yield Restored(environ, owner, var)
    finally:
        with _connect(server, server["NAME"]) as admin:
            admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
            admin.execute(SQL("DROP ROLE {}").format(Identifier(role)))


def _load(release: Release, server: dict[str, Any], name: str) -> None:
    # The programs that wrote the dump read it, whatever server it goes to.
    psql = [str(installed_programs() / "bin" / "psql"), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"]
    sql = lzma.decompress((release.folder / DATABASE).read_bytes())
    url = _url(server, name, server["USER"], server["PASSWORD"])
    run = subprocess.run([*psql, "--output", os.devnull, url], input=sql, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()


def _connect(server: dict[str, Any], name: str) -> psycopg.Connection:
    return psycopg.connect(_url(server, name, server["USER"], server["PASSWORD"]), autocommit=True)


def _url(server: dict[str, Any], name: str, role: str, password: str) -> str:
    """The address with the socket folder, the port and the options in its query, where all of them may stand."""
    query = {"host": server["HOST"], **server["OPTIONS"]}
    if server["PORT"]:
        query["port"] = server["PORT"]
    login = quote(role, safe="") + (f":{quote(password, safe='')}" if password else "")
    given = {key: value for key, value in query.items() if value}
    # Not with plus signs for blanks: the database's own programs read them as they are.
    return f"postgres://{login}@/{name}?{urlencode(given, quote_via=quote)}"


def _own_queue(url: str) -> str:
    """A queue beside that of the tests: what the play nudges is nobody's work, since it runs the sweeps itself."""
    if url.startswith("redis+socket://"):
        return f"{url}?virtual_host=7"
    return url
