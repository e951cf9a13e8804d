"""When a notice counts as served, so that its reader's silence may have a consequence.

By the first thing that shows that it reached them and still stands:

| what is known | served | the time that runs from there |
|---|---|---|
| its reader opened it in the inbox | then | once |
| the channel reports that it arrived | then | once |
| the channel took it, and nothing has come back | then | once |
| a person told them: a recorded attempt that reached them | then | once |
| every channel has failed, and an attempt did not reach them | in the inbox, when the last of these was known | twice |
| 14 days have passed, and an attempt did not reach them | in the inbox, at their end or with the attempt | twice |
| anything else | not served: silence has no consequence | |

Taking is enough, because who takes a mail answers for it: it must deliver it or report that it cannot (RFC 5321, 6.1).
A bounce, or anything else that came back, takes this back. A delivery of unknown fate counts as failed. Nobody is
served in an inbox that they do not have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

LONGEST_SEARCH = dt.timedelta(days=14)
"""How long channels are waited for; then a recorded attempt is enough."""
TWICE = 2


class Way(StrEnum):
    """What shows that a notice was served."""

    OPENED = "opened"
    ARRIVED = "arrived"
    TAKEN = "taken"
    TOLD = "told"
    INBOX = "inbox"


@dataclass(frozen=True)
class Sent:
    """One delivery of the notice, as far as it is known."""

    status: str
    taken_at: dt.datetime | None = None
    arrived_at: dt.datetime | None = None
    changed_at: dt.datetime | None = None
    has_come_back: bool = False
    """Whether something came back that is no bounce: an answer, a delay, a report that nobody understands."""


@dataclass(frozen=True)
class Attempt:
    """A member of staff tried to reach the reader by another way."""

    at: dt.datetime
    was_reached: bool


@dataclass(frozen=True)
class Notice:
    """All that is known about the way of one notice."""

    written_at: dt.datetime
    opened_at: dt.datetime | None = None
    sent: tuple[Sent, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    has_inbox: bool = True


@dataclass(frozen=True)
class Served:
    """That it was served: when, by what, and how many times the reader's time runs from there."""

    at: dt.datetime
    way: Way
    times: int = 1


def served(notice: Notice, now: dt.datetime) -> Served | None:
    """How the notice was served by what is known now; None while it was not."""
    found = sorted(_evidence(notice), key=lambda one: one.at)
    return found[0] if found else _in_the_inbox(notice, now)


def earliest(found: Iterator[Served | None] | list[Served | None]) -> Served | None:
    """The service of a notice to several people who answer for one another: it is enough that one was reached."""
    # One who was reached comes before one for whom it only counts as served.
    known = sorted((one for one in found if one is not None), key=lambda one: (one.way is Way.INBOX, one.at))
    return known[0] if known else None


def is_fruitless(notice: Notice) -> bool:
    """Whether nothing is on its way to the reader any more, and nothing shows that it reached them."""
    return not list(_evidence(notice)) and all(_has_failed(one) for one in notice.sent)


def _evidence(notice: Notice) -> Iterator[Served]:
    if notice.opened_at is not None:
        yield Served(notice.opened_at, Way.OPENED)
    for one in notice.sent:
        if one.status == "delivered" and one.arrived_at is not None:
            yield Served(one.arrived_at, Way.ARRIVED)
        elif one.status == "taken" and one.taken_at is not None and not one.has_come_back:
            yield Served(one.taken_at, Way.TAKEN)
    for attempt in notice.attempts:
        if attempt.was_reached:
            yield Served(attempt.at, Way.TOLD)


def _in_the_inbox(notice: Notice, now: dt.datetime) -> Served | None:
    tried = [attempt.at for attempt in notice.attempts]
    if not tried or not notice.has_inbox:
        return None
    end = notice.written_at + LONGEST_SEARCH
    ended = [one.changed_at for one in notice.sent if _has_failed(one) and one.changed_at is not None]
    if len(ended) == len(notice.sent):
        at = max([min(tried), *(min(one, end) for one in ended)])
    elif now >= end:
        at = max(min(tried), end)
    else:
        return None
    return Served(at, Way.INBOX, TWICE)


def _has_failed(one: Sent) -> bool:
    return one.status in {"failed", "bounced", "unknown", "dropped"} or (one.status == "taken" and one.has_come_back)
