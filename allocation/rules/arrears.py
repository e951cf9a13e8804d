"""Arrears and refunds: what is netted from aid, and what comes back to a member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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
