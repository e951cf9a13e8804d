"""Arrears and refunds: until when a share can be paid, what is netted from aid, what comes back to a member."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from members.rules.dates import local_day, start_of_day
from members.rules.eligibility_types import NOT_MET, Finding

RETRY_EVERY = timedelta(days=3)
"""How often a share that was not paid is asked for again."""
LAST_TRY_BEFORE_END = timedelta(hours=12)
"""The last time that it is asked for: on the last day of the grace, at noon."""
REFUND_AFTER_DAYS = 30
"""How long a rejection must have stood before a refund follows from it and the membership ends."""
WAITING_PERIOD = "waiting_period"
"""The clause, and the reason code of the same name, of an illness inside the wait."""


def grace_ends_at(charge_on: date, failed_at: datetime, grace_days: int, timezone: str) -> datetime:
    """The moment from which a share that failed can no longer be paid.

    The days count from the charge day, which is not counted itself; the last one is still in time. A failure that was
    reported later than the charge day counts from that day: nobody has less time than the plan promises.
    """
    first_day = max(charge_on, local_day(failed_at, timezone))
    return start_of_day(first_day + timedelta(days=grace_days + 1), timezone)


def next_try_at(tried_at: datetime, grace_ends_at: datetime) -> datetime | None:
    """When a share that was asked for at `tried_at` is asked for again; None where there is no next time."""
    last = grace_ends_at - LAST_TRY_BEFORE_END
    return min(tried_at + RETRY_EVERY, last) if tried_at < last else None


@dataclass(frozen=True, slots=True)
class NetAid:
    """Aid less the applicant's arrears, in minor units; the three parts sum to the aid."""

    aid_minor: int
    owed_netted_minor: int
    """Shares still owed in grace: they go to the members' account."""
    written_off_netted_minor: int
    """Shares that the sponsor had already borne: they go back to the sponsor."""

    @property
    def paid_minor(self) -> int:
        """What is paid to the applicant."""
        return self.aid_minor - self.owed_netted_minor - self.written_off_netted_minor


def aid_after_arrears(aid_minor: int, owed_minor: int = 0, written_off_minor: int = 0) -> NetAid:
    """Net a claimant's arrears from the aid, what is still owed first; never more than the aid.

    All amounts in minor units. Raises ValueError for a negative one. Clause: "a claim by somebody in arrears is
    paid less the arrears"; netted arrears that had been written off go back to the sponsor.
    """
    if min(aid_minor, owed_minor, written_off_minor) < 0:
        raise ValueError("aid and arrears must not be negative")
    owed_netted_minor = min(aid_minor, owed_minor)
    return NetAid(aid_minor, owed_netted_minor, min(aid_minor - owed_netted_minor, written_off_minor))


@dataclass(frozen=True, slots=True)
class ShareOwed:
    """One share of a claimant that was not paid: which row it is, and whether the sponsor has borne it meanwhile."""

    ref: int
    amount_minor: int
    is_written_off: bool = False


def shares_to_net(aid_minor: int, shares: Sequence[ShareOwed]) -> tuple[ShareOwed, ...]:
    """Which shares are taken off the aid: what is still owed first, then what was written off, each oldest first.

    Shares come oldest first and are taken whole, as long as something of the aid remains to be paid; one that no longer
    fits stays as it was, and so do those after it.
    """
    taken: list[ShareOwed] = []
    for share in sorted(shares, key=lambda share: share.is_written_off):
        if sum(one.amount_minor for one in taken) + share.amount_minor >= aid_minor:
            break
        taken.append(share)
    return tuple(taken)


def net_aid(aid_minor: int, netted: Iterable[ShareOwed]) -> NetAid:
    """The aid less the shares that are taken off it, in minor units."""
    shares = list(netted)
    return aid_after_arrears(
        aid_minor,
        sum(share.amount_minor for share in shares if not share.is_written_off),
        sum(share.amount_minor for share in shares if share.is_written_off),
    )


@dataclass(frozen=True, slots=True)
class SharePaid:
    """One share of a membership: what it came to, whether the payment is settled, and whether the sponsor gave it."""

    amount_minor: int
    is_settled: bool
    is_gifted: bool = False


def refund_inside_wait(shares: Iterable[SharePaid]) -> int:
    """What a member who fell ill inside the waiting period gets back: settled payments, never gifts, no interest.

    Amounts in minor units.
    """
    return sum(share.amount_minor for share in shares if share.is_settled and not share.is_gifted)


def is_ill_in_wait(reason_codes: Iterable[str], findings: Iterable[Finding]) -> bool:
    """Whether a rejection was given because the illness was first diagnosed inside the waiting period.

    The decision names the clause, and its trace found it not met on a day of the wait: an illness from an accident
    meets the clause, and one from before the first day was there at joining.
    """
    return WAITING_PERIOD in reason_codes and any(
        finding.clause == WAITING_PERIOD and finding.result == NOT_MET and int(finding.values.get("number", 0)) >= 1
        for finding in findings
    )


def refund_is_due_from(decided_at: datetime) -> datetime:
    """From when a rejection has stood long enough for its refund: the time that is kept free for an appeal."""
    return decided_at + timedelta(days=REFUND_AFTER_DAYS)
