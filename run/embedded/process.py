"""Starting and stopping a server's process so that it never outlives the process that started it."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
LOG_LIMIT_BYTES = 5_000_000


def die_with_parent(number: signal.Signals, parent: int | None = None) -> Callable[[], None]:
    """What a child runs before its program: it gets signal `number` when its parent ends, however that ends.

    The parent is the *thread* that starts the child, so only a thread that lives on may use this.
    """
    expected = parent if parent is not None else os.getpid()

    def in_child() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
            if os.getppid() != expected:  # it ended before we asked to be told
                os._exit(1)

    return in_child


def launch(
    argv: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str],
    on_parent_death: signal.Signals,
    user: pwd.struct_passwd | None = None,
    keep_open: Sequence[int] = (),
    capture: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own (Ctrl-C does not reach it), writing to `log`.

    With `capture` its standard output comes to us instead.
    """
    shorten(log)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own programs, no shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if capture else output,
            stderr=output,
            cwd=cwd,
            env=dict(env),
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
            pass_fds=keep_open,
            preexec_fn=die_with_parent(on_parent_death),
        )


def name_this(name: str) -> None:
    """Name this process for `ps -o comm` and `top`, where all forks of one program look alike; 15 characters count."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def write_to(log: Path) -> None:
    """Let whatever this process writes go to a log."""
    shorten(log)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for output in (1, 2):
        os.dup2(descriptor, output)
    os.close(descriptor)


def end(process: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn, waiting so many seconds after it, until the process has ended; then kill it."""
    for number, seconds in steps:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
        process.wait()


def shorten(log: Path) -> None:
    """Keep the last 200 lines of a log that has grown too long; its writers append, so they are not disturbed."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        kept = last_lines(log, 200)
        log.with_name(f"{log.name}.1").write_text(kept + "\n")
        os.truncate(log, 0)


def last_lines(path: Path, count: int = 8) -> str:
    """The last lines of a log, to show why a server stopped."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
