"""Nobody finds the way from a juror to a choice: every way that we could think of, tried over votes that closed.

The tries are made with all that the roles of web and worker may read, which is every row and every system column. What
nobody can hide is left out and said on the pages: a unanimous vote, and the closing key beside the tables.
"""

from __future__ import annotations

import itertools
import logging
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from audit.models import Entry
from jury.errors.panels import ClosingKeyMissing
from jury.models import Ballot, BallotOpening, Panel
from tests.adjudication.trials import at_vote, juror_of
from tests.adjudication.trials import vote as vote_in_trial
from tests.factories import make_membership, make_person, make_plan_version, make_user
from tests.jury.conftest import Court, close, sitting, vote
from tests.jury.services.test_ballots import everything_stored

PANELS, SEATS = 6, 7
WORDS = "what-a-juror-wrote"

OF_SEATS = {
    "the numbers of the ballots": "b.id",
    "where the ballots lie on the disk": "b.ctid",
    "the transactions that wrote the ballots": "b.xmin::text::bigint",
    "the moments of the ballots": "b.cast_at",
    "the numbers of the seats": "s.id",
    "where the seats lie on the disk": "s.ctid",
    "the transactions that last wrote the seats": "s.xmin::text::bigint",
    "the places of the seats": "s.place",
    "the jurors' numbers": "j.number",
    "the moments when the file was opened": "s.first_seen_at",
    "the numbers of the ballots' entries": "e.id",
    "the ballots' places in the tree": "l.leaf_index",
    "the moments of the entries": "e.recorded_at",
    "the digests of the sealed ballots": "e.body ->> 'sealed'",
    "the seats' tokens": "e.body ->> 'token'",
    "the salts of the entries": "e.body_salt",
    "the leaves of the entries": "e.leaf",
    "the messages at the close": "m.id",
}
"""Every order in which the seats of a vote can be put, each with an expression of SQL."""
OF_OPENINGS = {
    "the numbers of the openings": "o.id",
    "where the openings lie on the disk": "o.ctid",
    "the transactions that wrote the openings": "o.xmin::text::bigint, o.id",
    "their receipts": "o.receipt",
    "their commitments": "o.commitment",
    "their salts": "o.salt",
    "the digests of their words": "o.words_digest",
}
"""Every order in which the openings can be put."""
OTHER_TRIES = (
    "a reference from an opening to anything but its panel, or from anything to an opening",
    "a column of an opening that says when",
    "a value of an opening in any other table, before the close and after it",
    "a receipt in a session, a message or a line of the service's own logs",
    "a row of any page, answer or export for auditors with a receipt beside a seat, a token or a juror",
    "opening a ballot with what the web process has",
)

_SEATS = """
    SELECT s.id FROM jury_seat s
      JOIN jury_juror j ON j.id = s.juror_id
      JOIN LATERAL (SELECT b.*, b.ctid, b.xmin FROM jury_ballot b WHERE b.seat_id = s.id
                     ORDER BY sequence DESC LIMIT 1) b ON TRUE
      JOIN audit_entry e ON e.kind = 'ballot.cast' AND e.body ->> 'sealed' = encode(sha256(b.sealed), 'hex')
      JOIN audit_leaf l ON l.entry_id = e.id
      JOIN members_message m ON m.kind = 'jury.result' AND m.params ->> 'seat' = s.id::text
     WHERE s.panel_id = %s ORDER BY {}
"""
_OPENINGS = "SELECT o.choice FROM jury_ballotopening o WHERE o.panel_id = %s ORDER BY {}"


@dataclass(frozen=True)
class Vote:
    """A closed vote, and what only this test knows: who chose what."""

    panel: Panel
    truth: dict[int, str]


@pytest.fixture(scope="module")
def chance() -> random.Random:
    return random.Random(20261129)


@pytest.fixture
def votes(transactional_db: None, chance: random.Random) -> list[Vote]:
    version = make_plan_version()
    court = Court(version, make_membership(version.plan, make_person("Chen Ill", user=make_user())))
    court.add_jurors(SEATS + 1)
    return [_held(court, f"C26-TRY{number}", chance) for number in range(PANELS)]


def _held(court: Court, case_ref: str, chance: random.Random) -> Vote:
    panel = court.drawn(case_ref=case_ref, seats=SEATS, quorum=4)
    seats = sitting(panel)
    chance.shuffle(seats)
    choices = ["support"] * 4 + ["against"] * 3
    chance.shuffle(choices)
    for seat, choice in zip(seats, choices, strict=True):
        vote(seat, choice, words=WORDS)
    changed = chance.sample(range(SEATS), 2)
    for number in changed:
        vote(seats[number], choices[number])
    closed = close(panel)
    assert (closed.support_count, closed.against_count) == (4, 3)
    return Vote(closed, {seat.pk: choice for seat, choice in zip(seats, choices, strict=True)})


def rows(sql: str, *values: object) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return [row[0] for row in cursor.fetchall()]


def hits(votes: list[Vote], of_seats: str, of_openings: str) -> int:
    """How many choices are guessed right by laying one order beside the other."""
    found = 0
    for one in votes:
        seats = rows(_SEATS.format(of_seats), one.panel.pk)
        choices = rows(_OPENINGS.format(of_openings), one.panel.pk)
        assert len(seats) == len(choices) == SEATS
        found += sum(one.truth[int(str(seat))] == choice for seat, choice in zip(seats, choices, strict=True))
    return found


def test_no_order_of_anything_tells_who_chose_what(votes: list[Vote]) -> None:
    """Forwards and backwards, and a bit of each panel: chance guesses 21 or 22 of 42 right, knowledge all."""
    most = PANELS * SEATS - 3
    told = [
        (left, right, direction)
        for (left, seats), (right, openings) in itertools.product(OF_SEATS.items(), OF_OPENINGS.items())
        for direction in ("", " DESC")
        if hits(votes, seats + direction, openings) > most
    ]
    assert told == []


def test_the_tries_would_find_a_way_if_there_were_one(votes: list[Vote]) -> None:
    """With the truth written beside each seat, the same comparison guesses everything."""
    for one in votes:
        by_choice = sorted(one.truth, key=lambda seat: one.truth[seat])
        guessed = zip(by_choice, rows(_OPENINGS.format("o.choice"), one.panel.pk), strict=True)
        assert all(one.truth[seat] == choice for seat, choice in guessed)


def test_openings_lie_in_the_order_of_their_receipts_and_come_from_one_transaction(votes: list[Vote]) -> None:
    for one in votes:
        by_disk = rows("SELECT receipt FROM jury_ballotopening WHERE panel_id = %s ORDER BY ctid", one.panel.pk)
        assert by_disk == sorted(map(str, by_disk))
        sql = "SELECT count(DISTINCT xmin::text) FROM jury_ballotopening WHERE panel_id = %s"
        assert rows(sql, one.panel.pk) == [1]
        by_disk = rows("SELECT token FROM jury_countedtoken WHERE panel_id = %s ORDER BY ctid", one.panel.pk)
        assert by_disk == sorted(map(str, by_disk))


def test_nothing_refers_to_an_opening_and_it_refers_to_its_panel_alone(db: None) -> None:
    to = rows(
        "SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        " AND conrelid IN ('jury_ballotopening'::regclass, 'jury_countedtoken'::regclass, 'jury_ballotfault'::regclass)"
    )
    assert to == ["jury_panel"] * 3
    assert rows("SELECT 1 FROM pg_constraint WHERE confrelid = 'jury_ballotopening'::regclass") == []
    moments = rows(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = 'jury_ballotopening'::regclass AND attnum > 0"
        " AND atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)"
    )
    assert moments == []


def test_no_value_of_an_opening_stands_anywhere_else(votes: list[Vote]) -> None:
    stored = everything_stored(but={"jury_ballotopening"})
    for opening in BallotOpening.objects.all():
        for value in (opening.receipt, opening.commitment, opening.salt, opening.words_digest):
            assert value not in stored, value
    assert WORDS not in stored


def _rows_for_auditors(client: Client, claim_ref: str, entries: list[int]) -> Iterator[str]:
    """Row by row what an auditor can get about one vote: tables and paragraphs of pages, objects and lines of files."""
    panel = Panel.objects.get(case_ref=claim_ref)
    pages = [
        reverse("board_claim", args=[claim_ref]),
        reverse("audit_log"),
        reverse("audit_story", args=[claim_ref]),
        reverse("vote_record", args=[claim_ref, 1]),
        reverse("draw_record", args=[claim_ref, 1]),
        *[reverse("audit_entry", args=[pk]) for pk in entries],
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        yield from re.split(r"</(?:tr|p|dd|li|section)>", answer.content.decode())
    for path in (f"/api/v1/votes/{panel.pk}/", "/api/v1/votes/", f"/api/v1/draws/{panel.pk}/"):
        yield from re.split(r"[{}]", client.get(path).content.decode())
    for path in sorted({f"/api/v1/audit-entries/{pk}/" for pk in entries}):
        answer = client.get(path)
        if answer.status_code != 404:
            yield answer.content.decode()
    exported = client.post(reverse("audit_export"), {"format": "csv"})
    yield from b"".join(exported).decode().splitlines()  # type: ignore[call-overload]


@pytest.mark.django_db
def test_no_row_for_auditors_has_a_receipt_beside_a_seat(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    trial = at_vote()
    receipts, names = set(), set()
    with caplog.at_level(logging.DEBUG):
        for seat, choice in zip(trial.seats, ("support", "against", "support"), strict=True):
            cast = vote_in_trial(seat, choice)
            receipts.add(cast.receipt)
            juror = seat.juror.person
            names |= {cast.token, juror.name, f"user:{juror_of(seat).pk}", f'"seat":{seat.pk}', f"seat:{seat.pk}"}
        stored = everything_stored()
        assert not [receipt for receipt in receipts if receipt in stored]
        trial.vote("")
    assert trial.panel.status == "closed"
    assert not [receipt for receipt in receipts if receipt in caplog.text]
    client.force_login(trial.cast.auditor)
    entries = list(Entry.objects.filter(stream=trial.claim.stream).values_list("pk", flat=True))
    found = 0
    for row in _rows_for_auditors(client, trial.claim.ref, entries):
        shown = {receipt for receipt in receipts if receipt in row}
        found += len(shown)
        if shown:
            beside = {name for name in names if re.search(rf"{re.escape(name)}(?![0-9])", row)}
            # One JSON text has both lists: what is compared is an object or a line of it.
            assert not beside, row
    assert found >= 3, "the receipts are shown, so that the test compares something"


@pytest.mark.django_db
def test_what_the_web_process_has_opens_no_ballot(court: Court) -> None:
    court.add_jurors(4)
    panel = court.drawn()
    for seat in sitting(panel):
        vote(seat)
    with override_settings(BALLOT_CLOSING_KEY=None), pytest.raises(ClosingKeyMissing), transaction.atomic():
        close(panel)
    assert Ballot.objects.count() == 3
    assert not BallotOpening.objects.exists()


def test_the_documentation_lists_every_try() -> None:
    text = " ".join((settings.BASE_DIR / "docs" / "verifying.md").read_text(encoding="utf-8").split())
    missing = [one for one in (*OF_SEATS, *OF_OPENINGS, *OTHER_TRIES) if one not in text]
    assert missing == []
