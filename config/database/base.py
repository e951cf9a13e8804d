"""A connection that gives up: the server's own limits end only what a server that answers is doing.

A server that is stopped, or a network that swallows packets, answers nothing at all; without a limit on this side a
page would wait until the operating system gives up, which takes minutes and on a local socket never happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.postgresql.features import DatabaseFeatures
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg.errors import ConnectionTimeout, OperationalError, _WaitTimeout

from config.database import silence
from config.timeouts import Patience

if TYPE_CHECKING:
    from psycopg.abc import PQGen

RV = TypeVar("RV")
_WAKE_EVERY_SECONDS = 0.1


class NoAnswer(OperationalError):
    """The database did not answer in time; whether it did what was asked is unknown."""


class AtRest(OperationalError):
    """The database did not answer a moment ago, so nothing was asked of it."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection of psycopg on which every answer has a limit; 0 means none."""

    patience = Patience(answer=0, probe=0, rest=0)
    answer_seconds = 0
    """The limit that holds now."""

    def wait(self, gen: PQGen[RV], interval: float = _WAKE_EVERY_SECONDS, timeout: float | None = None) -> RV:
        """Wait for an answer as psycopg does. Raises NoAnswer, and then the connection is closed."""
        if timeout is not None or not self.answer_seconds:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except _WaitTimeout:
            # What comes later would be taken for the answer to something else.
            self.pgconn.finish()
            silence.began(self.patience.rest)
            raise NoAnswer(f"no answer within {self.answer_seconds} s") from None


class Features(DatabaseFeatures):
    """What Django writes differently where parameters travel apart from the statement."""

    uses_server_side_binding = True
    max_query_params = 2**16 - 1


class Operations(DatabaseOperations):
    """The limits that come with it."""

    def bulk_batch_size(self, fields: Sequence[Any], objs: Sequence[Any]) -> int:
        """How many rows one statement may take: it has at most so many parameters."""
        return max(1, Features.max_query_params // len(fields)) if fields else len(objs)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with bounded connections, and with what a request needs to say truthfully what was stored."""

    features_class = Features
    ops_class = Operations
    connection: BoundedConnection | None
    commits_begun = 0
    """How many transactions this thread has tried to commit: compared before and after a request."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> BoundedConnection:
        """Connect, unless the database has just been silent. Raises AtRest and what psycopg raises."""
        if silence.lasts():
            raise AtRest("the database did not answer a moment ago")
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        try:
            connection: BoundedConnection = BoundedConnection.connect(**conn_params)
        except ConnectionTimeout:
            silence.began(self._patience.rest)
            raise
        silence.ended()
        connection.patience, connection.answer_seconds = self._patience, self._patience.answer
        return connection

    def get_connection_params(self) -> dict[str, Any]:
        """Django's own, with parameters that travel apart from the statement, which is prepared when it comes often."""
        found: dict[str, Any] = super().get_connection_params()
        return found | {
            "cursor_factory": base.ServerBindingCursor,
            "prepare_threshold": self.settings_dict.get("PREPARE_AFTER"),
        }

    def is_usable(self) -> bool:
        """Whether the connection still works, asked with a limit of its own: it is asked before every request."""
        connection = self.connection
        if connection is None:
            return False
        usual, connection.answer_seconds = connection.answer_seconds, self._patience.probe
        try:
            return bool(super().is_usable())
        finally:
            connection.answer_seconds = usual

    def commit(self) -> None:
        """Commit as usual; counted before it is tried, since a connection that is lost meanwhile tells nothing."""
        self.commits_begun += 1
        super().commit()

    @property
    def _patience(self) -> Patience:
        # Where somebody has made the settings by hand, nothing is limited on this side.
        found: Patience = self.settings_dict.get("PATIENCE", BoundedConnection.patience)
        return found
