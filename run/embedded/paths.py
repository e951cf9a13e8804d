"""Where the embedded servers keep their data and sockets, and who may reach those folders."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import time
from pathlib import Path

from config import env
from run.embedded.errors import EmbeddedError

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SYSTEM_HOME = Path("/var/lib/assize")
_HOME_NOTE = "postgres-home"


def var_dir() -> Path:
    """The folder for everything that a running service writes (`ASSIZE_VAR`, default `var/`)."""
    return env.folder("ASSIZE_VAR", BASE_DIR / "var")


def own_folder(path: Path, *, uid: int, mode: int) -> Path:
    """Make `path` a real folder that belongs to `uid`; refuse one that somebody else has put there."""
    try:
        path.mkdir(mode=mode)
        if uid != os.geteuid():
            os.chown(path, uid, -1)
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {uid, os.geteuid()}:
        raise EmbeddedError(f"{path} belongs to somebody else: remove it, or choose another ASSIZE_SOCKETS folder.")
    if found.st_uid != uid:
        os.chown(path, uid, -1)
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)
    return path


def socket_folder(var: Path, part: str, *, uid: int) -> Path:
    """A short folder for one server's socket (a socket's path ends at 107 bytes), closed to all other users.

    Always under /tmp and not under TMPDIR or XDG_RUNTIME_DIR: those differ between two log-ins of the same user, who
    must find the same servers.
    """
    me = os.geteuid()
    outer = 0o711 if me == 0 else 0o700
    own = _sockets_of(var)
    own_folder(own.parent, uid=me, mode=outer)
    own_folder(own, uid=me, mode=outer)
    folder = own_folder(own / part, uid=uid, mode=0o700)
    if len(bytes(folder)) > 90:
        raise EmbeddedError(f"{folder} is too long a path for a socket: choose a shorter ASSIZE_SOCKETS folder.")
    return folder


def _sockets_of(var: Path) -> Path:
    base = Path(os.environ.get("ASSIZE_SOCKETS") or f"/tmp/assize-{os.geteuid()}")  # noqa: S108 - ownership is checked
    return base / hashlib.sha256(bytes(var)).hexdigest()[:8]


def remove_sockets(var: Path) -> None:
    """Clear away the socket folders of servers that have stopped."""
    shutil.rmtree(_sockets_of(var), ignore_errors=True)


def reachable_by_all(folder: Path) -> bool:
    """Whether a user without privileges can walk down to `folder`."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in [folder, *folder.parents])


def unprivileged_user(data: Path) -> pwd.struct_passwd:
    """Whom PostgreSQL runs as when we are root, which it refuses: the owner of its data, else `nobody`."""
    name = os.environ.get("ASSIZE_POSTGRES_USER", "nobody")
    try:
        return pwd.getpwuid(data.stat().st_uid) if data.exists() else pwd.getpwnam(name)
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL does not run as root and there is no user {name!r}: start as an ordinary user, "
            "or name one in ASSIZE_POSTGRES_USER."
        ) from None


def server_home(var: Path) -> Path:
    """The folder for PostgreSQL's data: in `var`, or for root under /var/lib where `var` is closed to other users.

    A checkout in /root is the usual case. The choice is written down once, so that the data is found again, and
    a new checkout at an old place does not find the old one's data.
    """
    noted = noted_home(var)
    if noted is not None:
        return noted
    var.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0 or reachable_by_all(var):
        return var / "postgres"
    home = SYSTEM_HOME / secrets.token_hex(4)
    home.mkdir(parents=True, mode=0o755)
    write_private(var / _HOME_NOTE, f"{home}\n")
    return home


def noted_home(var: Path) -> Path | None:
    """The folder outside `var` that was chosen for PostgreSQL's data, if one was."""
    note = var / _HOME_NOTE
    return Path(note.read_text().strip()) if note.exists() else None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


class FileLock:
    """A lock on a file that lasts as long as somebody holds its descriptor, and no longer: no stale locks.

    Passed on to a child it lasts until that child and all of its children have ended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self, *, shared: bool = False, wait_seconds: float = 0) -> bool:
        """Take the lock, waiting at most so long; False when somebody else holds it."""
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    self.release()
                    return False
                time.sleep(0.02)
            else:
                return True

    def is_taken(self) -> bool:
        """Whether somebody holds the lock for themselves right now."""
        if self._descriptor is not None:
            return True
        free = self.take(shared=True)
        self.release()
        return not free

    @property
    def descriptor(self) -> int:
        """The open file to pass on to a child."""
        if self._descriptor is None:
            raise RuntimeError(f"{self.path} is not locked")
        return self._descriptor

    def release(self) -> None:
        """Close our own descriptor; the lock ends when nobody else holds it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
