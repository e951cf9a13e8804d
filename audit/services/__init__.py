"""Writing the log, giving its entries their place, and signing what it has become."""

from audit.services.checkpoints import LogForked, LogShrank, publish, publish_in_time, sign_checkpoint
from audit.services.entries import INSERT, NotInTransaction, append, values_of
from audit.services.keys import NoOverlap, record_keys
from audit.services.sequencing import sequence, sequence_all

__all__ = [
    "INSERT",
    "LogForked",
    "LogShrank",
    "NoOverlap",
    "NotInTransaction",
    "append",
    "publish",
    "publish_in_time",
    "record_keys",
    "sequence",
    "sequence_all",
    "sign_checkpoint",
    "values_of",
]
