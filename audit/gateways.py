"""Requests to several witnesses at once, each with a time limit whatever happens at the other end."""

from __future__ import annotations

import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

MOST_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True)
class Question:
    """A body to be posted to an address."""

    url: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 when nothing did, and then `text` says why."""

    status: int
    text: str


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A witness answers where it was said to be."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing: the 3xx is the answer."""


_OPENER = urllib.request.build_opener(_NoRedirects)


def ask_all(questions: Sequence[Question]) -> list[Answer]:
    """The answers, in the order of the questions. Never raises; a witness that is too slow has not answered."""
    answers = [Answer(0, "no answer in time")] * len(questions)

    def ask_into(place: int) -> None:
        answers[place] = _ask(questions[place])

    threads = [threading.Thread(target=ask_into, args=(place,), daemon=True) for place in range(len(questions))]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + settings.WITNESS_WHOLE_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return list(answers)


def _ask(question: Question) -> Answer:
    request = urllib.request.Request(  # noqa: S310 - the settings let in nothing but http and https
        question.url, question.body, {"Content-Type": "text/plain; charset=utf-8"}
    )
    try:
        try:
            with _OPENER.open(request, timeout=settings.WITNESS_SILENCE_SECONDS) as response:
                return _read(response.status, response)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return _read(refusal.code, refusal)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(0, str(error) or type(error).__name__)


def _read(status: int, response: Any) -> Answer:
    raw = response.read(MOST_ANSWER_BYTES + 1)
    if len(raw) > MOST_ANSWER_BYTES:
        return Answer(0, f"an answer of more than {MOST_ANSWER_BYTES} bytes")
    return Answer(status, raw.decode())
