"""The public record of a closed vote: the seats that voted and the ballots that counted, each list by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from audit.models import Entry
from audit.rooms import every_name
from audit.selectors import ProvenEntry, proven
from jury.models import BallotFault, BallotOpening, CountedToken, Panel, SeatDispute
from jury.rules.published import fault_line, opening_line, root_over
from jury.rules.verdicts import could_turn
from jury.sealing import normal_code
from jury.selectors.draws import stream_of
from jury.selectors.tokens import panel_name

CLOSED = "panel.closed"


@dataclass(frozen=True)
class Found:
    """What a receipt or a token that somebody looked up leads to; both None where it is in no list."""

    text: str
    opening: BallotOpening | None = None
    token: CountedToken | None = None


@dataclass(frozen=True)
class VoteRecord:
    """Everything about a closed vote that is for everybody. Nothing leads from a token to an opening, or back."""

    panel: Panel

    @property
    def name(self) -> str:
        """What the commitments of its ballots are bound to."""
        return panel_name(self.panel)

    @cached_property
    def openings(self) -> list[BallotOpening]:
        """The counted ballots, by receipt."""
        return list(self.panel.openings.order_by("pk").defer("words"))

    @cached_property
    def tokens(self) -> list[str]:
        """The seats from which they came, by token; as many."""
        return list(self.panel.counted_tokens.order_by("pk").values_list("token", flat=True))

    @cached_property
    def faults(self) -> list[BallotFault]:
        """What the close found wrong."""
        return list(self.panel.faults.order_by("pk"))

    @cached_property
    def set_aside(self) -> int:
        """How many ballots were not counted."""
        return sum(one.sets_aside for one in self.faults)

    @cached_property
    def disputed(self) -> int:
        """How many seats their jurors dispute."""
        return SeatDispute.objects.filter(seat__panel=self.panel).count()

    @cached_property
    def closing(self) -> ProvenEntry | None:
        """The entry of the close with its place in the log, opened: it holds the roots of the lists."""
        entry = closing_entry(self.panel)
        return proven(entry) if entry else None

    @property
    def opening_lines(self) -> list[dict[str, Any]]:
        """The openings as their root covers them."""
        return [
            opening_line(
                receipt=one.receipt,
                commitment=one.commitment,
                choice=one.choice,
                reason_codes=one.reason_codes,
                is_medical=one.is_medical_question,
                salt=one.salt,
                words_digest=one.words_digest,
            )
            for one in self.openings
        ]

    @property
    def fault_lines(self) -> list[dict[str, Any]]:
        """The faults as their root covers them."""
        return [
            fault_line(
                kind=one.kind,
                token=one.token,
                sequence=one.sequence,
                ballot_digest=one.ballot_digest,
                receipt=one.receipt,
            )
            for one in self.faults
        ]

    @property
    def roots(self) -> Mapping[str, Any]:
        """The roots over the lists as they stand in the tables now."""
        return {
            "openings": root_over(self.opening_lines).as_json(),
            "tokens": root_over(self.tokens).as_json(),
            "faults": root_over(self.fault_lines).as_json(),
        }

    @property
    def is_as_closed(self) -> bool:
        """Whether the lists are those whose roots the closing entry holds."""
        body = self.closing.entry.body if self.closing else {}
        return all(body.get(name) == root for name, root in self.roots.items())

    def look_up(self, text: str) -> Found:
        """The ballot with this receipt, or the seat with this token, however it is typed."""
        code = normal_code(text)
        return Found(
            code or text.strip(),
            self.panel.openings.filter(receipt=code).first() if code else None,
            self.panel.counted_tokens.filter(token=code).first() if code else None,
        )


def votes_closed() -> QuerySet[Panel]:
    """Every panel whose vote was counted, for everybody, newest first; without file, keys and facts."""
    return (
        Panel.objects.filter(status=Panel.Status.CLOSED)
        .select_related("plan")
        .only(
            "plan__code",
            "plan__title_en",
            "plan__title_zh",
            "case_ref",
            "round",
            "status",
            "seats_wanted",
            "quorum",
            "closed_at",
            "support_count",
            "against_count",
            "medical_flag_count",
            "verdict",
        )
        .order_by("-pk")
    )


def vote_record(case_ref: str, round_: int) -> VoteRecord | None:
    """The record of one vote; None before its close."""
    panel = votes_closed().filter(case_ref=case_ref, round=round_).first()
    return VoteRecord(panel) if panel else None


def closing_entry(panel: Panel) -> Entry | None:
    """The entry of a panel's close."""
    found = Entry.objects.filter(kind__in=every_name(CLOSED), stream=stream_of(panel), body__panel=panel.pk)
    return found.order_by("pk").first()


def disputes_could_turn(panel: Panel) -> bool:
    """Whether the seats that are disputed could make the verdict of a closed panel another one."""
    if panel.status != Panel.Status.CLOSED or panel.support_count is None or panel.against_count is None:
        return False
    disputed = SeatDispute.objects.filter(seat__panel=panel).count()
    seats = max(panel.seats_wanted, panel.support_count + panel.against_count)
    return could_turn(panel.support_count, panel.against_count, seats, panel.quorum, disputed)
