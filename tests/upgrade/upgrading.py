"""The upgrade itself, on the day of the dump: a process as the one that prepares the service.

    python -m tests.upgrade.upgrading

Migrations read the clock. On the machine's day, years after the dump, what they make due would lie behind the play.
"""

from __future__ import annotations

import datetime as dt
import os

import django

AFTER_THE_DUMP = dt.timedelta(hours=1)


def main() -> None:
    """Set the clock to an hour after the last entry, then prepare as for every start."""
    django.setup()
    from django.core.management import call_command

    from audit.clock_functions import make_movable, set_to
    from audit.models import Entry
    from audit.owner import as_owner

    # An early release has no clock that can be set before the migrations of the room that has the clock.
    call_command("migrate", "audit", interactive=False, verbosity=0)
    with as_owner():
        make_movable()
        set_to(Entry.objects.latest("pk").recorded_at + AFTER_THE_DUMP)
    call_command("prepare_run")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    main()
