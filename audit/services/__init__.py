"""Writing the log, giving its entries their place, and signing what it has become."""

from audit.services.checkpoints import LogForked, LogShrank, publish, sign_checkpoint
from audit.services.entries import NotInTransaction, append
from audit.services.keys import NoOverlap, record_keys
from audit.services.sequencing import sequence, sequence_all

__all__ = [
    "LogForked",
    "LogShrank",
    "NoOverlap",
    "NotInTransaction",
    "append",
    "publish",
    "record_keys",
    "sequence",
    "sequence_all",
    "sign_checkpoint",
]
