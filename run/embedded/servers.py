"""Both embedded servers of one folder: who starts them, who borrows them, and who runs the service beside them."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from run.embedded import paths
from run.embedded.errors import EmbeddedError, OwnedByAnother
from run.embedded.postgres import Postgres
from run.embedded.valkey import Valkey

Server = Postgres | Valkey


class Servers:
    """The embedded servers over one folder, started by this process or found running.

    Three locks: `owner` is held by the process that started the servers, `users` is shared by the processes
    that borrow them, and each server holds one on its own data.
    """

    def __init__(self, var: Path, *, database: bool = True, broker: bool = True, durable: bool = True) -> None:
        self.var = var
        self.postgres = Postgres(var, durable=durable) if database else None
        self.valkey = Valkey(var, durable=durable) if broker else None
        self._owner = paths.FileLock(var / "embedded.lock")
        self._users = paths.FileLock(var / "embedded.users.lock")
        self._is_owner = False

    @property
    def parts(self) -> list[Server]:
        """The servers that are wanted."""
        return [part for part in (self.postgres, self.valkey) if part is not None]

    def environment(self) -> dict[str, str]:
        """What Django and Celery need to know to reach them."""
        found = {}
        if self.postgres:
            found["DATABASE_URL"] = self.postgres.url()
            found["DATABASE_OWNER_URL"] = self.postgres.owner_url()
        if self.valkey:
            found["CELERY_BROKER_URL"] = self.valkey.url()
        return found

    def are_alive(self) -> bool:
        """Whether all of them answer."""
        return all(part.is_alive() for part in self.parts)

    def own(self, *, wait_seconds: float = 0) -> None:
        """Start the servers as their owner; raises OwnedByAnother when another process has started them."""
        make_writable(self.var)
        if not self._owner.take(wait_seconds=wait_seconds):
            raise OwnedByAnother(f"Another command owns the embedded servers in {self.var}: wait until it has ended.")
        self._is_owner = True
        try:
            for part in self.parts:
                part.start()
        except BaseException:
            self.stop()
            raise

    def borrow_or_own(self) -> bool:
        """Use the servers that run, or else start them; True when this process has started them.

        A borrower takes its lock *before* it looks: the owner stops the servers only when nobody holds one.
        """
        make_writable(self.var)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self._users.take(shared=True, wait_seconds=0.2):
                if self.are_alive():
                    return False
                self._users.release()
            try:
                self.own()
            except OwnedByAnother:
                time.sleep(0.1)  # it is starting or stopping them
            else:
                return True
        raise EmbeddedError(
            f"The embedded servers in {self.var} are being started by another process but never answer."
        )

    def leave(self) -> None:
        """End this process's use: a borrower only says so, the owner waits for the borrowers and stops the servers."""
        if self._is_owner:
            self._users.take(wait_seconds=24 * 3600)
            self.stop()
        self._users.release()

    def stop(self) -> None:
        """Stop what this process has started, the broker first."""
        for part in reversed(self.parts):
            part.stop()
        if self._is_owner and len(self.parts) == 2:
            paths.remove_sockets(self.var)
        self._owner.release()
        self._is_owner = False


@dataclass(frozen=True)
class RunRecord:
    """What a running `make run` serves, for commands started beside it."""

    pid: int
    port: int
    database_url: str
    broker_url: str
    owner_url: str = ""


class RunningService:
    """The mark of one running service per folder; true only while its process lives."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self._lock = paths.FileLock(var / "run.lock")

    @property
    def _file(self) -> Path:
        return self.var / "run.json"

    def claim(self) -> bool:
        """Become the running service of this folder; False when there is one."""
        make_writable(self.var)
        return self._lock.take()

    def publish(self, record: RunRecord) -> None:
        """Say what is being served; the addresses hold passwords, so only this user may read it."""
        paths.write_private(self._file, json.dumps(asdict(record)))

    def release(self) -> None:
        """No longer the running service."""
        self._file.unlink(missing_ok=True)
        self._lock.release()

    def record(self) -> RunRecord | None:
        """What the running service serves, if there is one."""
        if not self._file.exists() or not self._lock.is_taken():
            return None
        try:
            told = json.loads(self._file.read_text())
            # Of another release that still runs while this one is installed: what it says beside these is its own.
            return RunRecord(**{item.name: told[item.name] for item in fields(RunRecord) if item.name in told})
        except (OSError, ValueError, TypeError):
            return None


def make_writable(var: Path) -> None:
    """The folder, made if need be and tried out; one clear line where that fails."""
    trial = var / f".write-{os.getpid()}"
    try:
        var.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(b"x" * 4096)
        trial.unlink()
    except OSError as error:
        trial.unlink(missing_ok=True)
        raise EmbeddedError(
            f"Cannot write to {var}: {error.strerror}. Make room or rights there, or set ASSIZE_VAR to another folder."
        ) from None


def reset(var: Path) -> None:
    """Delete everything that the service has written in its folder; refuses while anything uses it."""
    if not var.exists():
        return
    if RunningService(var).record() is not None:
        raise EmbeddedError("A service runs from this folder: stop it first (Ctrl-C where it runs).")
    owner = paths.FileLock(var / "embedded.lock")
    if not owner.take():
        raise EmbeddedError("A command is using the embedded servers: wait until it has ended.")
    try:
        home = paths.noted_home(var)
        if home is not None and home.parent == paths.SYSTEM_HOME:
            shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(var)
    finally:
        owner.release()
