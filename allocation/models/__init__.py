"""Tables of periods, shares, the ledger and payments."""

from allocation.models.ledger import Account, Posting, Transaction
from allocation.models.payments import BankOrder, Collection, Payout, PayoutAttempt
from allocation.models.periods import AidLine, CohortShare, Period

__all__ = [
    "Account",
    "AidLine",
    "BankOrder",
    "CohortShare",
    "Collection",
    "Payout",
    "PayoutAttempt",
    "Period",
    "Posting",
    "Transaction",
]
