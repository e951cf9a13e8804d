"""Tables of periods, shares, the ledger, payments, arrears and refunds."""

from allocation.models.arrears import Arrear, Retry
from allocation.models.bank import BankOrder, BankRefusal, BankReturn
from allocation.models.ledger import Account, Posting, Transaction
from allocation.models.payments import Collection, Payout, PayoutAttempt
from allocation.models.periods import AidLine, CohortShare, Period
from allocation.models.refunds import Refund

__all__ = [
    "Account",
    "AidLine",
    "Arrear",
    "BankOrder",
    "BankRefusal",
    "BankReturn",
    "CohortShare",
    "Collection",
    "Payout",
    "PayoutAttempt",
    "Period",
    "Posting",
    "Refund",
    "Retry",
    "Transaction",
]
