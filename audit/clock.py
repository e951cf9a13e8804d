"""The one clock: the database's time, in a deployment as it is, in test and demonstration databases with an offset.

Every act asks it for its moment, in Python by `now()`, in SQL by `assize_now()`, so that any number of machines agree.
Sessions, second factors and witnesses keep real time.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, models
from django.utils import timezone

from pages import moments

real_now = timezone.now
"""The time of this machine: for what keeps real time, and for nothing that is decided, counted or shown."""


def now() -> dt.datetime:
    """The moment that it is, to the microsecond.

    It moves on between two calls in one transaction: read it after the locks, since waiting for them takes time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT assize_now()")
        (at,) = cursor.fetchone()
    # What a page shows after an act is never older than the act.
    moments.remember(at)
    return at  # type: ignore[no-any-return]


def now_after(*earlier: dt.datetime | None) -> dt.datetime:
    """The moment that it is, or the last of these where the clock has been set back behind them.

    For an act whose order after another is certain: its row must not say otherwise, and a constraint on the two
    moments must not turn a clock that was corrected into an error.
    """
    return max([now(), *(at for at in earlier if at is not None)])


class DatabaseNow(models.Func):
    """`assize_now()` as an expression: the default of a column that says when its row was written."""

    function = "assize_now"
    output_field = models.DateTimeField()
    arity = 0
