"""Committing a draw, the applicant's word for it, and abandoning a panel; the other acts are exported here too."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from audit import clock
from audit.actors import Actor
from audit.rules.canonical import ascii_digest
from audit.services import append
from jury.errors.draws import AlreadyDrawn, NoJurors, NonceTooLate, NonceUnusable
from jury.models import Panel, Seat
from jury.rules.draw import Commitment, EntropySource
from jury.rules.entropy import SourceKind, nonce_bytes
from jury.selectors.draws import DRAW_COMMITTED, stream_of
from jury.selectors.pool import FACTS, facts_of_case, highest_number
from jury.services.chain import take_next_link
from jury.services.closing import close_panel, new_keys
from jury.services.draws import draw_panel, require_sealed
from jury.services.seats import recuse_seat
from jury.services.telling import tell_sitting
from members.digests import person_digest
from members.models import Plan
from members.rules.plans import PlanRules

__all__ = ["abandon_panel", "close_panel", "commit_panel", "draw_panel", "give_nonce", "recuse_seat"]

WORD_MAX_CHARACTERS = 40
FALLBACK = (
    "Without the applicant's word the default word counts. The link is checked against the chain's anchor; "
    "a link that does not lead to it stops the draw."
)


def commit_panel(
    *,
    plan: Plan,
    rules: PlanRules,
    case_ref: str,
    round: int,
    seats: int,
    quorum: int,
    case_file: dict[str, Any],
    case_facts: dict[str, list[str]],
    by: Actor,
    may_be_empty: bool = False,
) -> Panel:
    """Fix and log all that decides a draw before its entropy exists: pool, file, rules, seats, sources, fallback.

    `case_facts` holds the digests of `CaseFacts`; those who sat on the case before are added here. The pool, workload
    and conflicts are judged as of now. A pool without anybody, whose panel will be hung, is refused unless it
    `may_be_empty`. Raises NoJurors, AlreadyDrawn and ChainSecretChanged.
    """
    with transaction.atomic():
        index, anchor, link_number = take_next_link(by=by)
        _require_undrawn(case_ref, round)
        due_at = (now := clock.now()) + timedelta(hours=rules.jury.nonce_hours)
        commitment = Commitment(
            case_ref=case_ref,
            round=round,
            pool_high=_pool_high(plan, may_be_empty=may_be_empty),
            file_digest=ascii_digest(case_file),
            rule_digest=rules.digest,
            seats=seats,
            quorum=quorum,
            lookup_limit=rules.jury.lookup_limit,
            sources=_sources(case_ref, anchor, link_number, due_at),
            fallback=FALLBACK,
            default_nonce=f"{case_ref}/{round}",
        )
        facts, keys = _with_earlier_jurors(case_ref, case_facts), new_keys()
        panel = Panel.objects.create(
            plan=plan,
            case_ref=case_ref,
            round=round,
            case_file=case_file,
            file_digest=commitment.file_digest,
            case_facts=facts,
            rules_digest=rules.digest,
            seats_wanted=seats,
            quorum=quorum,
            pool_high=commitment.pool_high,
            commitment=json.loads(commitment.canonical_bytes()),
            commitment_digest=commitment.digest(),
            committed_at=now,
            nonce_due_at=due_at,
            chain_index=index,
            voting_hours=rules.jury.voting_hours,
            extension_hours=rules.jury.extension_hours,
            public_key=keys.public,
            wrapped_private_key=keys.wrapped_private,
        )
        _log_commitment(panel, by)
        return panel


def _require_undrawn(case_ref: str, round: int) -> None:
    # Under the chain's lock, which serialises all commitments: of two for one round the second sees the first.
    if Panel.objects.filter(case_ref=case_ref, round=round).exists():
        raise AlreadyDrawn(case=case_ref, round=round)


def give_nonce(*, panel_id: int, nonce: str, by: Actor) -> Panel:
    """Add the applicant's word to the draw: once, before the draw and its deadline, and after a checkpoint of the log
    covers the commitment: otherwise an operator who knows the word could still replace the commitment.

    The word is published with the draw. The caller checks that it is the applicant. Raises NonceTooLate, NonceUnusable
    and CommitmentNotSealed.
    """
    try:
        word = nonce_bytes(nonce).decode()
    except ValueError:
        raise NonceUnusable(most=WORD_MAX_CHARACTERS) from None
    if len(word) > WORD_MAX_CHARACTERS or not word.isprintable():
        raise NonceUnusable(most=WORD_MAX_CHARACTERS)
    with transaction.atomic():
        panel = Panel.objects.select_for_update().get(pk=panel_id)
        # `<`, since the draw is due from `nonce_due_at` on; the lock keeps draw_panel out between check and save.
        is_open = panel.status == Panel.Status.COMMITTED and panel.nonce == "" and clock.now() < panel.nonce_due_at
        if not is_open:
            raise NonceTooLate(due=panel.nonce_due_at)
        require_sealed(panel)
        panel.nonce = word
        panel.save(update_fields=["nonce", "checkpoint_size"])
        append(
            kind="draw.nonce_given",
            stream=stream_of(panel),
            by=by,
            body={
                "panel": panel.pk,
                "round": panel.round,
                "nonce_digest": hashlib.sha256(word.encode()).hexdigest(),
                "checkpoint_size": panel.checkpoint_size,
            },
        )
    return panel


def abandon_panel(*, panel_id: int, by: Actor) -> Panel:
    """Abandon a panel because its case is withdrawn: its ballots stay sealed. One that has ended stays unchanged."""
    with transaction.atomic():
        panel = Panel.objects.select_for_update().get(pk=panel_id)
        if panel.status not in {Panel.Status.COMMITTED, Panel.Status.OPEN}:
            return panel
        panel.abandon()
        panel.closed_at = clock.now()
        panel.save(update_fields=["status", "closed_at"])
        entry = append(
            kind="panel.abandoned",
            stream=stream_of(panel),
            by=by,
            body={"panel": panel.pk, "round": panel.round},
        )
        tell_sitting("jury.not_needed", panel, entry)
    return panel


def _pool_high(plan: Plan, *, may_be_empty: bool) -> int:
    highest = highest_number(plan)
    if highest == 0 and not may_be_empty:
        raise NoJurors(plan=plan.code)
    return highest


def _sources(case_ref: str, anchor: str, link_number: int, due_at: datetime) -> tuple[EntropySource, ...]:
    """The next link of the service's chain, and the word that the applicant may add until the deadline."""
    return (
        EntropySource(SourceKind.CHAIN_LINK, publisher=anchor, issue=str(link_number)),
        EntropySource(
            SourceKind.APPLICANT_NONCE, publisher=f"applicant of {case_ref}", issue=f"until {due_at.isoformat()}"
        ),
    )


def _log_commitment(panel: Panel, by: Actor) -> None:
    append(
        kind=DRAW_COMMITTED,
        stream=stream_of(panel),
        by=by,
        body={
            "panel": panel.pk,
            "round": panel.round,
            "commitment": panel.commitment,
            "commitment_digest": panel.commitment_digest,
            "facts_digest": ascii_digest(panel.case_facts),
            "committed_at": panel.committed_at.isoformat(),
            "nonce_due_at": panel.nonce_due_at.isoformat(),
        },
    )


def _with_earlier_jurors(case_ref: str, given: dict[str, list[str]]) -> dict[str, list[str]]:
    """The facts with everyone who ever had a seat on this case; refuses facts that no rule compares."""
    seats = Seat.objects.filter(panel__case_ref=case_ref).select_related("juror__person")
    sat = {person_digest(seat.juror.person) for seat in seats}
    facts = {**given, "sat_before": sorted(sat | set(given.get("sat_before", [])))}
    if not facts.keys() <= FACTS:
        raise TypeError(f"No rule compares these facts of a case: {sorted(facts.keys() - FACTS)}.")
    if not facts_of_case(facts).claimants:
        raise ValueError("A case without a claimant: nobody's conflict could be ruled out.")
    return facts
