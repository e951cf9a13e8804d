"""Arrears and refunds: the grace period of a share, what is netted from aid, what is refunded to a member."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from members.rules.dates import local_day, start_of_day
from members.rules.eligibility_types import NOT_MET, Finding

RETRY_EVERY = timedelta(days=3)
"""How often an unpaid share is collected again."""
LAST_TRY_BEFORE_END = timedelta(hours=12)
"""The last attempt: at noon of the last day of the grace period."""
REFUND_AFTER_DAYS = 30
"""How long a rejection must have stood before the membership ends and is refunded (decision 16)."""
WAITING_PERIOD = "waiting_period"
"""The clause of an illness inside the waiting period, and the reason code of the same name."""


def grace_ends_at(charge_on: date, failed_at: datetime, grace_days: int, timezone: str, *, times: int = 1) -> datetime:
    """The moment from which a share that failed can no longer be paid.

    The days count from the charge day, which is not included; the last day is still in time (`arrears.grace_days`).
    A failure reported after the charge day counts from the day of the report: nobody has less time than the plan
    promises. In the same way it counts from the day on which the notice was served; `times` is 2 where the notice only
    counts as served in the inbox (members/rules/serving.py).
    """
    first_day = max(charge_on, local_day(failed_at, timezone))
    # + 1: the moment is 00:00 of the day after the last one, in the plan's zone.
    return start_of_day(first_day + timedelta(days=grace_days * times + 1), timezone)


def next_try_at(tried_at: datetime, grace_ends_at: datetime) -> datetime | None:
    """When to collect a share again after an attempt at `tried_at`; None if that was the last attempt."""
    last = grace_ends_at - LAST_TRY_BEFORE_END
    return min(tried_at + RETRY_EVERY, last) if tried_at < last else None


def remind_at(failed_at: datetime, grace_ends_at: datetime) -> datetime | None:
    """When to remind a member of an owed share: once a quarter of the time is left; None where there was no time."""
    return grace_ends_at - (grace_ends_at - failed_at) / 4 if failed_at < grace_ends_at else None


@dataclass(frozen=True, slots=True)
class NetAid:
    """Aid less the applicant's arrears, in minor units; the three parts sum to the aid."""

    aid_minor: int
    owed_netted_minor: int
    """Shares still owed in their grace period: credited to the members' account."""
    written_off_netted_minor: int
    """Shares that the sponsor had already borne: credited to the sponsor."""

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
    """One unpaid share of a claimant: its row, and whether the sponsor has borne it since."""

    ref: int
    amount_minor: int
    is_written_off: bool = False


def shares_to_net(aid_minor: int, shares: Sequence[ShareOwed]) -> tuple[ShareOwed, ...]:
    """Which shares are taken off the aid: first those still owed, then those written off, each oldest first.

    `shares` come oldest first. They are taken whole, as long as some of the aid remains to be paid; the first one that
    no longer fits is left, and so are those after it.
    """
    taken: list[ShareOwed] = []
    for share in sorted(shares, key=lambda share: share.is_written_off):
        # `>=`: at least one unit must remain, since a payout of nothing cannot be ordered.
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
    """One share of a membership: its amount, whether its payment is settled, and whether it was a gift."""

    amount_minor: int
    is_settled: bool
    is_gifted: bool = False


def refund_inside_wait(shares: Iterable[SharePaid]) -> int:
    """What a member who fell ill inside the waiting period gets back: settled payments, never gifts, no interest.

    Amounts in minor units.
    """
    return sum(share.amount_minor for share in shares if share.is_settled and not share.is_gifted)


def is_ill_in_wait(reason_codes: Iterable[str], findings: Iterable[Finding]) -> bool:
    """Whether a claim was rejected because the illness was first diagnosed inside the waiting period.

    The decision names the clause, and its trace found the clause not met on a day of the waiting period. An accident
    meets the clause. An illness from before the first day existed at joining and is not one inside the waiting period.
    """
    return WAITING_PERIOD in reason_codes and any(
        finding.clause == WAITING_PERIOD and finding.result == NOT_MET and int(finding.values.get("number", 0)) >= 1
        for finding in findings
    )


def refund_is_due_from(decided_at: datetime) -> datetime:
    """From when a rejection has stood long enough for its refund; until then the applicant can appeal."""
    return decided_at + timedelta(days=REFUND_AFTER_DAYS)
