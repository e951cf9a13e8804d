"""When a payment without an answer is asked about again, and when the payment service counts as silent.

An outage is ridden out by time: the moments follow from how long there has been no answer, never from how often a
sweep happened to run.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

FIRST_WAITS = (
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
)
"""How long a payment waits after its first unanswered exchanges."""
THEN_EVERY = timedelta(hours=1)
AT_LAST_EVERY = timedelta(hours=6)
FOR_A_PERSON_AFTER = timedelta(hours=6)
"""How long there has been no answer when a person is told. The payment is still asked about."""
SELDOM_AFTER = FOR_A_PERSON_AFTER + timedelta(days=3)
"""How long there has been no answer when the hourly questions become six-hourly ones."""
JITTER_PARTS = 10
"""A wait is shortened by up to a tenth of it, so that payments of one moment do not stay together for days."""

SILENT_AFTER = 5
"""Unanswered exchanges in a row, about any payments, after which the payment service counts as silent."""
PROBE_WAITS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
"""How long after each probe of a silent service the next one is made; the last wait repeats."""
EXCHANGES_IN_FLIGHT = 3
"""A payment that is being asked about has its next moment so many time-outs later, in case the process dies."""


def next_attempt_at(*, key: str, unanswered: int, since: datetime, at: datetime) -> datetime:
    """When to ask again after an exchange at `at` that was not answered.

    `unanswered` counts it and those before it, the first of which was at `since`; `key` is the payment's own.
    """
    if at - since >= SELDOM_AFTER:
        wait = AT_LAST_EVERY
    else:
        wait = (*FIRST_WAITS, THEN_EVERY)[min(unanswered, len(FIRST_WAITS) + 1) - 1]
    return at + wait - wait * _part_of(key) / JITTER_PARTS


def _part_of(key: str) -> float:
    """From 0 to below 1, and always the same for one key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") / 2**32


def is_for_a_person(*, since: datetime, at: datetime) -> bool:
    """Whether a payment has been without an answer for so long that a person is told."""
    return at - since >= FOR_A_PERSON_AFTER


def told_if_silent_since(at: datetime) -> datetime:
    """A payment without an answer since then, or longer, is a person's at `at`."""
    return at - FOR_A_PERSON_AFTER


def in_flight_until(at: datetime, timeout_s: float) -> datetime:
    """When a payment is due again whose exchange begins at `at`, if nobody books an answer before."""
    return at + timedelta(seconds=timeout_s * EXCHANGES_IN_FLIGHT)


def next_probe_at(*, probes: int, at: datetime) -> datetime:
    """When a silent service is probed again, after so many probes."""
    return at + PROBE_WAITS[min(probes, len(PROBE_WAITS) - 1)]
