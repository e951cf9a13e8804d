"""Tables of periods, shares, the ledger, payments, arrears and refunds."""

from allocation.models.arrears import Arrear, Retry
from allocation.models.asking import Asked, AskingRound, PaymentAttempt, PaymentService
from allocation.models.bank import BankOrder, BankRefusal, BankReturn
from allocation.models.ledger import Account, Posting, Transaction
from allocation.models.payments import Collection, Payout
from allocation.models.periods import AidLine, CohortShare, Period
from allocation.models.refunds import Refund

__all__ = [
    "Account",
    "AidLine",
    "Arrear",
    "Asked",
    "AskingRound",
    "BankOrder",
    "BankRefusal",
    "BankReturn",
    "CohortShare",
    "Collection",
    "PaymentAttempt",
    "PaymentService",
    "Payout",
    "Period",
    "Posting",
    "Refund",
    "Retry",
    "Transaction",
]
