"""One process of the service, and how often it may end by itself before all of them go down."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from run.embedded import process

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before what has ended is started again, longer each time; after the last one nobody waits any more."""
STEADY_SECONDS = 60.0
"""What has run this long has recovered: its next end is the first one again."""
STOP_SECONDS = 6


class EndedTooOften(Exception):
    """Something ends again and again; the text says what, with the last lines of its log."""


def say(text: str) -> None:
    """Print a line for the person who started the service."""
    # To the file and not by `print`: what is said must be out before the process forks or ends.
    os.write(1, f"{text}\n".encode())


@dataclass
class Setbacks:
    """How often in a row something has ended by itself soon after it was started."""

    count: int = 0
    started_at: float = field(default_factory=time.monotonic)

    def pause(self) -> float | None:
        """It has ended again: how long to wait before it is started; None when it has ended too often."""
        if time.monotonic() - self.started_at >= STEADY_SECONDS:
            self.count = 0
        self.count += 1
        return PAUSES[self.count - 1] if self.count <= len(PAUSES) else None

    def started(self) -> None:
        """It was started again."""
        self.started_at = time.monotonic()

    def pause_of(self, name: str, code: int, log: Path) -> float:
        """The same, said to the person who started the service. Raises EndedTooOften."""
        pause = self.pause()
        if pause is None:
            raise EndedTooOften(
                f"The part {name} ended {self.count} times in a row, the last time with code {code}; "
                f"the last lines of {log}:\n{process.last_lines(log, 20)}"
            )
        say(f"  The part {name} ended with code {code} and is started again in {pause:g} s; its log is {log}.")
        return pause


class Child(Protocol):
    """A process that this one has started, as `subprocess.Popen` describes it."""

    @property
    def pid(self) -> int:
        """Its id, and that of its process group."""

    def poll(self) -> int | None:
        """Its exit code if it has ended."""

    def wait(self) -> int:
        """Its exit code once it has ended."""


@dataclass
class Part:
    """One process of the service with the processes that it starts itself, in a process group of its own."""

    name: str
    launch: Callable[[], Child]
    log: Path
    child: Child | None = None
    setbacks: Setbacks = field(default_factory=Setbacks)
    starts_again_at: float | None = None
    """On the monotonic clock, while it waits."""

    def start(self) -> None:
        """Start it."""
        self.child = self.launch()
        self.setbacks.started()
        self.starts_again_at = None

    def ended(self) -> int | None:
        """Its exit code if it has ended and does not wait to be started again."""
        if self.child is None or self.starts_again_at is not None:
            return None
        return self.child.poll()

    def is_running(self) -> bool:
        """Whether it has a living process."""
        return self.child is not None and self.child.poll() is None

    def keep_going(self) -> None:
        """Start it again if it has ended, after its pause. Raises EndedTooOften."""
        if self.starts_again_at is not None and time.monotonic() >= self.starts_again_at:
            self.start()
        code = self.ended()
        if code is not None:
            pause = self.setbacks.pause_of(self.name, code, self.log)
            self.kill_all()  # whatever it has left behind
            self.starts_again_at = time.monotonic() + pause

    def ask_to_stop(self) -> None:
        """Let it finish what it is doing."""
        if self.child is not None and self.child.poll() is None:
            os.kill(self.child.pid, signal.SIGTERM)

    def kill_all(self) -> None:
        """End whatever is left of it, its own children included."""
        if self.child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()


def stop_all(parts: Sequence[Part], is_hurried: Callable[[], bool] = lambda: False) -> None:
    """Ask all, wait a little, kill what is left."""
    for part in parts:
        part.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    while any(part.is_running() for part in parts):
        if is_hurried() or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for part in parts:
        part.kill_all()
