"""One worker for each queue, from one process that has loaded the service once (`python -m run.workers`).

Started each by itself, five workers would load everything five times and keep it five times in memory. Here each is a
fork, which shares with the others what nobody changes, and one that dies is back at once.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import FrameType

from run.embedded import paths, process
from run.parts import EndedTooOften, Part, stop_all
from run.queues import NAMES, worker_words


class Fork:
    """A process that this one has forked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code if it has ended; negative is the signal that ended it."""
        return self._ask(os.WNOHANG)

    def wait(self) -> int:
        """Its exit code once it has ended."""
        code = self._ask(0)
        return 0 if code is None else code

    def _ask(self, how: int) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code


class StopAsked(BaseException):
    """The supervisor wants all workers to end."""


def load() -> None:
    """Everything that a worker needs, and no connection: two processes must never speak over one."""
    # The settings may ask what kind of process this is; by its name alone it could be any command.
    os.environ.setdefault("ASSIZE_PROCESS", "worker")
    import celery.apps.worker
    import celery.bin.celery
    import celery.concurrency.prefork
    import celery.worker.components
    import celery.worker.consumer.consumer  # noqa: F401 - all of them are imported for the forks
    import django

    from config.celery import app

    django.setup()
    app.loader.import_default_modules()
    app.finalize()
    with app.connection_for_read() as broker:
        broker.transport  # noqa: B018 - imports the client of this kind of broker, and connects to nobody
    gc.collect()
    # Else the first collection in each fork would write to every object, and nothing would be shared any more.
    gc.freeze()


def start_worker(queue: str, log: Path) -> Fork:
    """Fork a worker for one queue."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _work(queue, log, parent)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            # Never back into the parent's code, whatever happens.
            sys.stderr.flush()
            os._exit(code)
    return Fork(pid)


def _work(queue: str, log: Path, parent: int) -> None:
    """What the fork does until it ends: be a worker, as `celery worker` would be."""
    from config.celery import app

    os.setsid()  # Ctrl-C does not reach it
    # A worker that is asked while its broker goes too would wait for it; killed, its task comes back.
    process.die_with_parent(signal.SIGKILL, parent)()
    process.name_this(f"worker-{queue}")
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    process.write_to(log)
    code: int | None = app.worker_main(worker_words([queue]))
    if code:
        sys.exit(code)


def run(queues: Sequence[str], logs: Path) -> None:
    """Keep a worker for each queue until asked to stop. Raises EndedTooOften."""
    load()
    parts = [
        Part(
            f"worker-{queue}", partial(start_worker, queue, logs / f"worker-{queue}.log"), logs / f"worker-{queue}.log"
        )
        for queue in queues
    ]
    signal.signal(signal.SIGTERM, _stop)
    try:
        for part in parts:
            part.start()
        while True:
            for part in parts:
                part.keep_going()
            time.sleep(0.3)
    except StopAsked:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stop_all(parts)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise StopAsked


def main() -> int:
    """Run the workers of the queues named on the command line, or of all."""
    unknown = set(sys.argv[1:]) - set(NAMES)
    if unknown:
        sys.stderr.write(f"There is no queue {', '.join(sorted(unknown))}: choose among {', '.join(NAMES)}.\n")
        return 2
    logs = paths.var_dir() / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    try:
        run(sys.argv[1:] or NAMES, logs)
    except EndedTooOften as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
