"""Whether the task queue's broker answers, the same for every kind of broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kombu.exceptions import OperationalError

if TYPE_CHECKING:
    from kombu import Connection


def complaint(broker: Connection, *, wait_seconds: int) -> str | None:
    """What keeps us from the broker, in its client's words, or None when it answers."""
    known: tuple[type[BaseException], ...] = (
        OperationalError,
        OSError,
        *broker.connection_errors,
        *broker.channel_errors,
    )
    try:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=wait_seconds)
    except known as error:
        return str(error) or type(error).__name__
    return None
