"""What this room tells people, and which entry of the log tells whom."""

from adjudication.messages.applicants import FOR_APPLICANTS
from adjudication.messages.staff import FOR_STAFF
from adjudication.messages.told import TOLD
from audit.message_kinds import MessageKind

MESSAGE_KINDS: dict[str, MessageKind] = {**FOR_APPLICANTS, **FOR_STAFF}

__all__ = ["MESSAGE_KINDS", "TOLD"]
