"""The processes of the storm: writers that append through a service's transaction, sequencers that are killed."""

from __future__ import annotations

import os
import random
import signal
import sys
import time

import django


class Undone(Exception):
    """The act failed after its entry."""


def write(number: int, until: float) -> None:
    """Append to shared streams, each under its row's lock, with rollbacks and late commits in between."""
    from django.db import connection, transaction

    from audit.actors import SYSTEM
    from audit.services import append
    from tests.kinds import declare_kinds

    declare_kinds()
    chance = random.Random(number)
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            stream = chance.randrange(40)
            try:
                with transaction.atomic():
                    cursor.execute("UPDATE storm_stream SET acts = acts + 1 WHERE id = %s RETURNING acts", [stream])
                    act = cursor.fetchone()[0]
                    for part in range(chance.choice([1, 1, 1, 2, 5])):
                        append(kind="storm.acted", stream=f"storm:{stream}", by=SYSTEM, body={"act": act, "part": part})
                    if chance.random() < 0.05:
                        time.sleep(chance.random() / 20)
                    if chance.random() < 0.1:
                        raise Undone
            except Undone:
                continue


def sequence_on(number: int, until: float) -> None:
    """Child after child publishes on and on, each killed at any point of it. Prints how many were."""
    from audit.services import publish

    chance, killed = random.Random(number), 0
    while time.monotonic() < until:
        child = os.fork()
        if child == 0:
            # It opens a connection of its own: this process never had one.
            while True:
                publish()
        time.sleep(chance.uniform(0.03, 1.5))
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("a sequencer ended by itself")
        killed += 1
    sys.stdout.write(f"{killed}\n")


def main() -> None:
    """`python -m tests.audit.storm write|sequence NUMBER SECONDS`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    what, number, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    until = time.monotonic() + seconds
    if what == "write":
        write(number, until)
    else:
        sequence_on(number, until)


if __name__ == "__main__":
    main()
