"""The names under which money moves. They name what is paid by what lasts, never by a row's number.

After a database is restored from a backup, row numbers are given out a second time, to other things, while the payment
service still knows the first ones. The same thing must get the same name again, and another thing another one. A key
contains no personal data.
"""

from __future__ import annotations

import hashlib
from datetime import date

LONGEST = 80
"""What the columns hold, in characters."""
_TOKEN = 16
MEMBER = "member:"
"""What the name of a member begins with."""


def collection_key(*, plan: str, notice_on: date, cohort: str) -> str:
    """The batch that collects one cohort's shares of one period."""
    return _fitting("collection", f"{plan}:{notice_on}:{cohort}")


def payout_key(*, claim: str) -> str:
    """The aid of one claim; its reference was drawn by lot when it was filed."""
    return _fitting("payout", claim)


def refund_key(*, claim: str) -> str:
    """What a membership paid, returned after the rejection of one claim."""
    return _fitting("refund", claim)


def retry_key(*, share: str, number: int) -> str:
    """One attempt to collect a share again; a refusal is permanent, so the next attempt is another order."""
    return _fitting("arrear", f"{share}:{number}")


def write_off_key(*, share: str) -> str:
    """The sponsor's bearing of one share, in the ledger."""
    return _fitting("write_off", share)


def share_name(*, plan: str, notice_on: date, person: str) -> str:
    """One member's share of one period, by the person's public id: nobody is twice in one plan at one time."""
    return f"{plan}:{notice_on}:{_digest(person)[:_TOKEN]}"


def member_name(person: str) -> str:
    """The name by which the payment service knows a member: their public id, which is random and made once."""
    return f"{MEMBER}{person}"


def _fitting(kind: str, name: str) -> str:
    """The key, or where it would be too long for its column (plans with long codes), a digest of the name."""
    key = f"{kind}:{name}"
    return key if len(key) <= LONGEST else f"{kind}:{_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
