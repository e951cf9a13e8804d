"""Asks who answers at an address: our own web server, somebody else's program, or nobody yet."""

from __future__ import annotations

import http.client
from dataclasses import dataclass

RUN_HEADER = "Assize-Run"
"""In the answer of the health page: which run it belongs to."""
WAIT_SECONDS = 5


@dataclass(frozen=True)
class Answer:
    """What was answered; a program that does not speak HTTP answers with status 0."""

    status: int
    run_id: str

    def is_of(self, run_id: str) -> bool:
        """Whether it comes from the web server of this run."""
        return self.run_id == run_id

    @property
    def is_healthy(self) -> bool:
        """Whether the server finds its database and its broker."""
        return 0 < self.status < 500


def ask(host: str, port: int) -> Answer | None:
    """What the health page at this address answers; None where nobody answers."""
    connection = http.client.HTTPConnection(host.strip("[]"), port, timeout=WAIT_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        found = connection.getresponse()
        return Answer(found.status, found.getheader(RUN_HEADER, ""))
    except OSError:
        # Among them a connection that was closed without a word, as by a server that is starting or ending.
        return None
    except http.client.HTTPException:
        return Answer(0, "")
    finally:
        connection.close()
