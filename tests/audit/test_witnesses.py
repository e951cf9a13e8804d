"""The service and its witnesses: what it offers, what it keeps, and what becomes visible when a witness refuses."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from audit import clock, gateways
from audit.actors import SYSTEM
from audit.models import Checkpoint, Cosignature, Entry
from audit.rules.notes import CheckpointText, SignedNote, VerifierKey, cosign, signed, verifier_of
from audit.selectors.log import checkpoint_note, latest_checkpoint
from audit.selectors.witnesses import configured_witnesses, public_log
from audit.services import append, publish
from audit.services.witnesses import offer_checkpoint, offer_latest
from audit.tasks import offer
from tests.audit.witnessing import WitnessProcess

pytestmark = pytest.mark.django_db
WITNESS_SEED = b"w" * 32
WITNESS = "witness.example/fake"


def log_key(seed: bytes | None = None) -> VerifierKey:
    return verifier_of(seed or django_settings.AUDIT_LOG_KEYS[0], django_settings.AUDIT_LOG_ORIGIN)


def act(count: int = 1, word: str = "act") -> Checkpoint:
    """So many acts, placed and signed."""
    with transaction.atomic():
        for number in range(count):
            append(kind="test.acted", stream=f"test:{number}", by=SYSTEM, body={"word": word})
    made = publish()
    assert made is not None
    return made


def refused() -> list[dict[str, Any]]:
    return [entry.body for entry in Entry.objects.filter(kind="log.witness_refused").order_by("pk")]


@pytest.fixture(autouse=True)
def _no_pause() -> None:
    cache.clear()


@pytest.fixture
def witness(tmp_path: Path, settings: Any) -> Iterator[WitnessProcess]:
    process = WitnessProcess(tmp_path, log_key()).start()
    settings.AUDIT_WITNESSES = [process.setting]
    yield process
    process.stop()


class TestWithARealWitness:
    def test_it_cosigns_and_cosigns_again_when_the_log_has_grown(self, witness: WitnessProcess) -> None:
        first = act(3)
        (kept,) = offer_latest()
        assert (kept.checkpoint_id, kept.witness, kept.key_hash) == (
            first.size,
            witness.key.name,
            witness.key.hash.hex(),
        )
        assert abs((kept.cosigned_at - clock.real_now()).total_seconds()) < 60
        note = SignedNote.parse(checkpoint_note() or "")
        assert note.verified_by([log_key(), witness.key]) == [log_key(), witness.key]
        assert offer_latest() == []  # it has
        (named,) = Entry.objects.filter(kind__startswith="log.witness")
        assert (named.kind, named.body) == ("log.witness_introduced", {"key": witness.key.text})
        second = act(300)
        assert offer() == 1
        assert set(Cosignature.objects.values_list("checkpoint_id", flat=True)) == {first.size, second.size}
        assert f"cosigned size {second.size}" in witness.says()
        assert Entry.objects.filter(kind="log.witness_introduced").count() == 1, "only with the first under a key"

    def test_checkpoints_in_between_may_be_missed(self, witness: WitnessProcess) -> None:
        act(3)
        offer_latest()
        skipped, last = act(4), act(5)
        (kept,) = offer_latest()
        assert kept.checkpoint_id == last.size
        assert offer_checkpoint(checkpoint=skipped) == []  # the witness is further: no fault of anybody's
        assert refused() == []

    def test_an_answer_that_was_lost_is_asked_for_again(self, witness: WitnessProcess) -> None:
        """The witness remembered, and was gone before it answered, or we before we kept it."""
        act(3)
        before = transaction.savepoint()
        offer_latest()
        transaction.savepoint_rollback(before)
        assert not Cosignature.objects.exists()
        assert len(offer_latest()) == 1

    def test_a_restored_backup_is_noticed(self, witness: WitnessProcess, client: Client) -> None:
        act(3)
        offer_latest()
        backup = transaction.savepoint()
        lost = act(10)
        offer_latest()
        transaction.savepoint_rollback(backup)
        assert latest_checkpoint().size < lost.size  # type: ignore[union-attr]
        act(1, "after the restore")
        assert offer_latest() == []
        (facts,) = refused()
        assert facts["reason"] == "knows_more"
        assert (facts["witness"], facts["witness_size"]) == (witness.key.name, lost.size)
        page = client.get("/log/").content.decode()
        assert f"The witness {witness.key.name} refuses this log" in page
        assert f"has cosigned {lost.size} entries" in page
        # It is told once, not with every checkpoint: its own entry makes the log grow.
        assert publish() is not None
        for _again in range(2):
            cache.clear()
            offer_latest()
        assert publish() is None
        assert len(refused()) == 1

    def test_a_restored_backup_that_grew_past_it_is_noticed(self, witness: WitnessProcess) -> None:
        act(3)
        offer_latest()
        backup = transaction.savepoint()
        lost = act(10)
        offer_latest()
        transaction.savepoint_rollback(backup)
        act(30, "after the restore")
        assert offer_latest() == []
        assert [(one["reason"], one["witness_size"]) for one in refused()] == [("inconsistent", lost.size)]

    def test_a_fork_of_the_same_size_is_noticed(self, witness: WitnessProcess) -> None:
        act(3)
        offer_latest()
        backup = transaction.savepoint()
        lost = act(10)
        offer_latest()
        transaction.savepoint_rollback(backup)
        forked = act(10, "another past")
        assert forked.size == lost.size
        assert offer_latest() == []
        assert [(one["reason"], one["witness_size"]) for one in refused()] == [("fork", lost.size)]
        assert f"REFUSED (fork) size {lost.size}" in witness.says()

    def test_killed_it_comes_back_with_its_memory_and_the_service_goes_on_meanwhile(
        self, witness: WitnessProcess
    ) -> None:
        act(3)
        offer_latest()
        witness.stop(signal.SIGKILL)
        act(2)
        assert offer_latest() == []
        last = act(2)  # signing needs no witness
        witness.start()
        cache.clear()
        (kept,) = offer_latest()
        assert kept.checkpoint_id == last.size
        assert refused() == []

    def test_a_failure_is_followed_by_a_pause(self, witness: WitnessProcess) -> None:
        witness.stop()
        act(1)
        offer_latest()
        witness.start()
        assert offer_latest() == []
        cache.clear()
        assert len(offer_latest()) == 1

    def test_a_key_it_was_not_told_of(self, witness: WitnessProcess, settings: Any, client: Client) -> None:
        settings.AUDIT_LOG_KEYS = [b"n" * 32]
        act(1)
        offer_latest()
        assert [(one["reason"], one["witness_size"]) for one in refused()] == [("unknown_key", None)]
        assert "know the key that this log signs with now" in client.get("/log/").content.decode()

    def test_a_refusal_ends_with_the_next_cosignature(self, witness: WitnessProcess, settings: Any) -> None:
        old = settings.AUDIT_LOG_KEYS
        settings.AUDIT_LOG_KEYS = [b"n" * 32]
        act(1)
        offer_latest()
        assert public_log().is_refused
        settings.AUDIT_LOG_KEYS = [old[0], b"n" * 32]
        act(1)
        act(1)  # the key is in the log now, and signs
        cache.clear()
        assert len(offer_latest()) == 1
        assert len(refused()) == 1
        assert not public_log().is_refused
        settings.AUDIT_LOG_KEYS = [b"n" * 32]
        act(1)
        offer_latest()
        assert len(refused()) == 2  # again refused, again told
        assert public_log().is_refused

    def test_another_log_than_it_watches(self, witness: WitnessProcess, settings: Any) -> None:
        settings.AUDIT_LOG_ORIGIN = "unheard.example/log"
        act(1)
        offer_latest()
        assert [one["reason"] for one in refused()] == ["unknown_log"]


class Scripted(BaseHTTPRequestHandler):
    """A witness that answers what a test tells it to."""

    answers: list[tuple[int, str]] = []
    asked: list[str] = []

    def do_POST(self) -> None:
        self.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        status, text = self.answers.pop(0)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", text)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def script(settings: Any) -> Iterator[list[tuple[int, str]]]:
    server = HTTPServer(("127.0.0.1", 0), Scripted)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Scripted.answers, Scripted.asked = [], []
    key = verifier_of(WITNESS_SEED, WITNESS, 4)
    settings.AUDIT_WITNESSES = [f"{key.text} http://127.0.0.1:{server.server_port}/watch/"]
    yield Scripted.answers
    server.shutdown()
    thread.join()
    server.server_close()


def line_over(checkpoint: Checkpoint, *, seed: bytes = WITNESS_SEED, name: str = WITNESS, at: int | None = None) -> str:
    seconds = int(clock.real_now().timestamp()) if at is None else at
    return cosign(SignedNote.parse(checkpoint.note).text, seed=seed, name=name, at=seconds).line + "\n"


def test_only_the_witness_s_own_true_cosignature_is_kept(script: list[tuple[int, str]]) -> None:
    made = act(2)
    other = signed(str(CheckpointText("x.example", 1, bytes(32))), seeds=[WITNESS_SEED], name=WITNESS)
    foreign = line_over(made, name="other.example")
    forged = line_over(made, seed=b"f" * 32).split(" ")[2]
    mine = line_over(made)
    for text in (
        "",
        "not a signature\n",
        foreign,
        f"— {WITNESS} {forged}",
        f"{other.signatures[0].line}\n",
        line_over(made, at=int(clock.real_now().timestamp()) + 86_400),
        line_over(made, at=(1 << 63) - 1),
    ):
        cache.clear()
        script.append((200, text))
        assert offer_latest() == []
    assert not Cosignature.objects.exists()
    cache.clear()
    script.append((200, foreign + mine))
    (kept,) = offer_latest()
    assert f"{kept.line}\n" == mine
    assert refused() == []


@pytest.mark.parametrize(
    "answers",
    [
        [(500, "down")],
        [(302, "http://127.0.0.1:1/")],
        [(409, "many\n")],
        [(409, "-1\n")],
        [(409, "")],
        [(409, "0\n")],
        [(409, "1\n"), (409, "0\n"), (409, "1\n")],
        [(429, "slowly")],
        [(200, "x" * (gateways.MOST_ANSWER_BYTES + 1))],
    ],
)
def test_a_witness_that_talks_nonsense_stops_nothing(
    script: list[tuple[int, str]], answers: list[tuple[int, str]]
) -> None:
    act(2)
    script += answers
    assert offer_latest() == []
    assert script == []
    assert refused() == []
    assert act(1).size > 2


def test_what_is_offered(script: list[tuple[int, str]]) -> None:
    made = act(4)
    script += [(409, "1\n"), (200, line_over(made))]
    assert len(offer_latest()) == 1
    first, second = Scripted.asked
    assert first == f"old 0\n\n{made.note}"
    head, _cut, note = second.partition("\n\n")
    assert head.split("\n")[0] == "old 1"
    assert len(head.split("\n")) > 1
    assert note == made.note


def test_who_is_too_slow_has_not_answered(
    script: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    act(1)
    settings.WITNESS_WHOLE_SECONDS = 0
    monkeypatch.setattr(gateways, "_ask", lambda question: threading.Event().wait(0.3) or gateways.Answer(200, ""))
    (answer,) = gateways.ask_all([gateways.Question("http://127.0.0.1:1/", b"")])
    assert (answer.status, answer.text) == (0, "no answer in time")


def test_a_log_without_checkpoint_offers_nothing(script: list[tuple[int, str]]) -> None:
    assert offer_latest() == []
    assert Scripted.asked == []


KEY = verifier_of(WITNESS_SEED, WITNESS, 4).text


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        KEY,
        f"{KEY} ftp://w.example",
        f"{KEY} file:///etc/passwd",
        f"{KEY} w.example",
        f"{verifier_of(WITNESS_SEED, WITNESS).text} https://w.example",
    ],
)
def test_a_witness_that_cannot_be_read_is_named_at_the_start(settings: Any, text: str) -> None:
    settings.AUDIT_WITNESSES = [text]
    with pytest.raises(ImproperlyConfigured, match="AUDIT_WITNESSES"):
        configured_witnesses()
    settings.AUDIT_WITNESSES = [f"{KEY}  https://w.example/a/ "]
    assert configured_witnesses()[0].url == "https://w.example/a"
