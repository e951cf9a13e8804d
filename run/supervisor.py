"""Runs the whole service on one machine: servers, preparation, web, workers, beat (`make run`).

A part that ends is started again; when that fails again and again, all of them go down.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import env
from run import closing_key, health
from run.broker import complaint
from run.carrying_over import EXIT_CODE, refusal
from run.embedded import paths, process
from run.embedded.errors import EmbeddedError, OwnedByAnother
from run.embedded.servers import RunningService, RunRecord, Server, Servers, make_writable
from run.parts import EndedTooOften, Part, Setbacks, say, stop_all
from run.witness import DemonstrationWitness

FREE_BYTES_NEEDED = 200_000_000
START_SECONDS = 120


class CannotRun(Exception):
    """The service cannot be started or went down; the text says why, in one line or with the last lines of a log."""


class StopAsked(BaseException):
    """Somebody pressed Ctrl-C or sent TERM or HUP."""


class Supervisor:
    """Starts the parts in order, watches them, starts again what ends, and stops all when somebody asks."""

    def __init__(self, *, var: Path, host: str, port: int) -> None:
        self.var = var
        self.host = host
        self.port = port
        self.run_id = secrets.token_hex(8)
        self.environ = {**os.environ, "ASSIZE_RUN_ID": self.run_id}
        self.service = RunningService(var)
        self.servers = Servers(
            var, database=not self.environ.get("DATABASE_URL"), broker=not self.environ.get("CELERY_BROKER_URL")
        )
        self.witness: DemonstrationWitness | None = None
        self.parts: list[Part] = []
        self.setbacks: dict[str, Setbacks] = {}
        self.is_stopping = False
        self.is_hurried = False

    def run(self) -> None:
        """Run until asked to stop; raises CannotRun when the service cannot start, EndedTooOften when a part
        ends again and again."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)
        self._check_machine()
        if not self.service.claim():
            record = self.service.record()
            where = f" at port {record.port}" if record else ""
            raise CannotRun(f"A service runs from this folder already{where}: stop it first, or set ASSIZE_VAR.")
        self._check_port()
        try:
            with self._timed(f"Servers ({self._kinds()})"):
                self._start_servers()
            self._choose_witness()
            with self._timed("Database, messages, static files, demonstration"):
                logins = self._prepare()
            with self._timed("Web"):
                self._choose_parts()
                self.parts[0].start()
                self._wait_for_web()
            # Each of them loads the whole service: beside the web server they would only make it later.
            for part in self.parts[1:]:
                part.start()
            say(
                f"\nAssize runs at {self.address}   (Ctrl-C stops it; logs in {self.var / 'logs'})\n\n{logins}".rstrip()
            )
            self._watch()
        except StopAsked:
            say("Stopping.")
        finally:
            self.is_stopping = True
            self._stop()

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the service."""
        return f"http://{self._own_host()}:{self.port}/"

    def _own_host(self) -> str:
        any_address = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - compared, not bound
        return any_address.get(self.host, self.host)

    def _kinds(self) -> str:
        names = [type(part).__name__ for part in self.servers.parts]
        return "embedded " + " and ".join(names) if names else "from the environment"

    @contextlib.contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        say(f"  {what}: {time.monotonic() - started:.1f} s")

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        if self.is_stopping:
            self.is_hurried = True  # asked twice: kill what has not ended
            return
        self.is_stopping = True
        raise StopAsked

    def _check_machine(self) -> None:
        """A folder to write to and room in it."""
        make_writable(self.var)
        free = shutil.disk_usage(self.var).free
        if free < FREE_BYTES_NEEDED:
            raise CannotRun(
                f"Only {free // 1_000_000} MB are free in {self.var}; "
                f"{FREE_BYTES_NEEDED // 1_000_000} MB are needed. Make room, or set ASSIZE_VAR to another folder."
            )
        (self.var / "logs").mkdir(exist_ok=True)
        (self.var / "beat").mkdir(exist_ok=True)

    def _check_port(self) -> None:
        """The port, tried out: a clear line now instead of a web server that ends in a moment."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((self.host.strip("[]"), self.port))
            except OSError as error:
                raise CannotRun(
                    f"Cannot use port {self.port} on {self.host}: {error.strerror}. "
                    f"Stop what uses it, or choose another: PORT={self.port + 100} make run"
                ) from None

    def _start_servers(self) -> None:
        self.environ.setdefault("ASSIZE_MODE", "demo")
        self._choose_closing_key()
        if self.servers.parts:
            try:
                self.servers.own()
            except OwnedByAnother:
                say("  Another command uses the embedded servers; waiting until it has ended.")
                self.servers.own(wait_seconds=60)
            self.environ.update(self.servers.environment())
        if self.servers.postgres is None:
            check_database(self.environ["DATABASE_URL"])
        if self.servers.valkey is None:
            check_broker(self.environ["CELERY_BROKER_URL"])
        urls = [self.environ.get(name, "") for name in ("DATABASE_URL", "CELERY_BROKER_URL", "DATABASE_OWNER_URL")]
        self.service.publish(RunRecord(os.getpid(), self.port, *urls))

    def _choose_closing_key(self) -> None:
        """A new demonstration gets a closing key of its own, before the first panel is sealed to another."""
        own = self.servers.postgres
        if self.environ["ASSIZE_MODE"] == "demo" and own is not None and not own.is_made() and self._names_no_key():
            closing_key.create_files(self.var)
        secret = self.environ.get(closing_key.PRIVATE) or closing_key.secret_in(self.var)
        if secret:
            self.environ[closing_key.PRIVATE] = secret
            public = closing_key.public_key(closing_key.private_key(secret)).hex()
            self.environ.setdefault(closing_key.PUBLIC, public)

    def _names_no_key(self) -> bool:
        named = self.environ.keys() & {closing_key.PRIVATE, closing_key.PUBLIC}
        return not named and not closing_key.secret_in(self.var)

    def _choose_witness(self) -> None:
        """A demonstration without witnesses gets one; the operator of a real plan names other people's."""
        if self.environ["ASSIZE_MODE"] == "demo" and "AUDIT_WITNESSES" not in self.environ:
            self.witness = DemonstrationWitness(self.var)
            self.environ["AUDIT_WITNESSES"] = self.witness.setting()

    def _prepare(self) -> str:
        """Migrations and the rest, in a process of their own; the log-ins of the demonstration."""
        log = self.var / "logs" / "prepare.log"
        log.unlink(missing_ok=True)
        run = process.launch(
            [sys.executable, "manage.py", "prepare_run"],
            log=log,
            cwd=paths.BASE_DIR,
            env=self.environ,
            on_parent_death=signal.SIGKILL,
            capture=True,
        )
        try:
            output, _nothing = run.communicate()
        except BaseException:
            run.kill()
            run.wait()
            raise
        if run.returncode == EXIT_CODE:
            why = process.last_lines(log, 1).removeprefix("CommandError: ")
            raise CannotRun(refusal(why, var=self.var, is_embedded=self.servers.postgres is not None))
        if run.returncode != 0:
            raise CannotRun(f"The preparation failed; the last lines of {log}:\n{process.last_lines(log, 20)}")
        return output.decode()

    def _choose_parts(self) -> None:
        # Links in mails lead to this run.
        self.environ.setdefault("SITE_URL", self.address.rstrip("/"))
        python = [sys.executable, "-m"]
        web = [*python, "gunicorn", "config.wsgi", "--bind", f"{self.host}:{self.port}", "--preload"]
        web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "60"]
        web += ["--graceful-timeout", "4", "--no-control-socket"]
        beat = [*python, "celery", "-A", "config", "beat", "--loglevel", "INFO", "--pidfile", ""]
        beat += ["--schedule", str(self.var / "beat" / "schedule")]
        # What answers requests never learns how to become the owner of the tables, nor how to open a ballot.
        environ = {name: value for name, value in self.environ.items() if name != "DATABASE_OWNER_URL"}
        of_web = {name: value for name, value in environ.items() if name != closing_key.PRIVATE}
        self.parts = [
            self._part("web", web, of_web),
            self._part("workers", [*python, "run.workers"], environ),
            self._part("beat", beat, of_web),
        ]
        if self.witness:
            # It knows none of the service's secrets.
            self.parts.append(self._part("witness", self.witness.argv(), {}))

    def _part(self, name: str, argv: list[str], environ: dict[str, str]) -> Part:
        log = self.var / "logs" / f"{name}.log"
        launch = partial(process.launch, argv, log=log, cwd=paths.BASE_DIR, env=environ, on_parent_death=signal.SIGTERM)
        return Part(name, launch, log)

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        log = self.var / "logs" / "web.log"
        while True:
            answer = health.ask(self._own_host(), self.port)
            if answer is not None and not answer.is_of(self.run_id):
                raise CannotRun(
                    f"Another program answers at {self.address} and not this service: stop it, "
                    f"or choose another port: PORT={self.port + 100} make run"
                )
            if answer is not None and answer.is_healthy:
                return
            self._check_parts()
            if time.monotonic() > deadline:
                raise CannotRun(f"The web server did not answer in time:\n{process.last_lines(log, 20)}")
            time.sleep(0.1)

    def _watch(self) -> None:
        rounds = 0
        while True:
            self._check_parts()
            time.sleep(0.3)
            rounds += 1
            if rounds % 200 == 0:
                for log in (self.var / "logs").glob("*.log"):
                    process.shorten(log)

    def _check_parts(self) -> None:
        """Start again what has ended. Raises EndedTooOften."""
        for server in self.servers.parts:
            if server.ended() is not None:
                self._revive(server)
        for part in self.parts:
            part.keep_going()

    def _revive(self, server: Server) -> None:
        """Start an embedded server again over its data, at its old address; the parts find it there."""
        setbacks = self.setbacks.setdefault(server.name, Setbacks())
        while (code := server.ended()) is not None:
            time.sleep(setbacks.pause_of(server.name, code, server.log))
            with contextlib.suppress(EmbeddedError):  # it says why in its log, and counts as another end
                server.start()
            setbacks.started()

    def _stop(self) -> None:
        """Ask all, wait, kill what is left, then stop the servers that they used."""
        stop_all(self.parts, lambda: self.is_hurried)
        self.servers.stop()
        self.service.release()


def check_database(url: str) -> None:
    """Whether the database of `DATABASE_URL` can be used; raises CannotRun in one line without its password."""
    import psycopg

    if not url.startswith(("postgres://", "postgresql://")):
        raise CannotRun("DATABASE_URL must begin with postgres:// (see docs/operations.md).")
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        lines = str(error).strip().splitlines() or ["no answer"]
        hint = " Create it with createdb." if "does not exist" in lines[-1] and "database" in lines[-1] else ""
        raise CannotRun(f"Cannot use the database of DATABASE_URL: {lines[-1]}.{hint}") from None


def check_broker(url: str) -> None:
    """Whether the broker of `CELERY_BROKER_URL` answers; raises CannotRun in one line without its password."""
    from kombu import Connection

    parts = urlsplit(url)
    place = f"{parts.scheme}://{parts.hostname or parts.path}"
    try:
        broker = Connection(url, connect_timeout=5)
        trouble = complaint(broker, wait_seconds=5)
    except (KeyError, ValueError, ImportError):
        raise CannotRun(f"CELERY_BROKER_URL begins with {parts.scheme!r}: write amqp://… or redis://…") from None
    broker.release()
    if trouble is not None:
        raise CannotRun(f"Cannot use the broker of CELERY_BROKER_URL ({place}): {trouble}")


def from_environment() -> Supervisor:
    """The supervisor for HOST, PORT and ASSIZE_VAR; raises CannotRun for a port that is not a number."""
    port = env.whole("PORT", 8000)
    if not 0 < port < 65_536:
        raise CannotRun(f"PORT={port} is no port: choose one from 1 to 65535.")
    return Supervisor(var=paths.var_dir(), host=env.text("HOST", "127.0.0.1"), port=port)


def main(make: Callable[[], Supervisor] = from_environment) -> int:
    """Run the service; the exit code is 0 only when somebody asked it to stop."""
    try:
        make().run()
    except (CannotRun, EndedTooOften, EmbeddedError, ImproperlyConfigured) as error:
        sys.stderr.write(f"make run: {error}\n")
        return 1
    except StopAsked:
        return 0
    except OSError as error:
        sys.stderr.write(f"make run: {error.filename or 'the system'}: {error.strerror or error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
