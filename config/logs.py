"""Structured logs: one JSON line an event, without personal data."""

from __future__ import annotations

import logging

import structlog
from structlog.typing import EventDict, WrappedLogger

_DROPPED = {"user_id", "ip", "email", "user_agent", "username"}


def drop_personal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Remove the keys that could name a person; the audit log, not the logs, says who did what."""
    return {key: value for key, value in event.items() if key not in _DROPPED}


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    drop_personal,
]


def formatter() -> logging.Formatter:
    """The one formatter of all handlers."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )


structlog.configure(
    processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
