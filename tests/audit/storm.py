"""The processes of the storm: writers that append through a service's transaction, sequencers that are killed."""

from __future__ import annotations

import os
import random
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


def sequence_on(until: float) -> None:
    """Publish on and on; somebody will kill this process in the middle of it."""
    from audit.services import publish

    while time.monotonic() < until:
        publish()


def main() -> None:
    """`python -m tests.audit.storm write NUMBER SECONDS` or `sequence 0 SECONDS`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    what, number, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    until = time.monotonic() + seconds
    if what == "write":
        write(number, until)
    else:
        sequence_on(until)


if __name__ == "__main__":
    main()
