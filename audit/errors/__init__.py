"""What forbids an act, as facts. The mechanism is imported from here, each fact from its noun's module."""

from audit.errors.base import DomainError, NotAllowed, Words

__all__ = ["DomainError", "NotAllowed", "Words"]
