"""The public record of a draw: what was committed, the result, and how anyone can repeat it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import OuterRef, QuerySet

from audit.models import Checkpoint
from audit.rules.canonical import canonical_ascii
from audit.selectors import covering_checkpoint
from jury.models import DrawStep, Panel
from jury.rules.draw import Step, StepOutcome, draw_key, reason_commitment
from jury.rules.entropy import BiasStrength, SourceKind, strength
from members.fields import blind_index

DRAW_COMMITTED = "draw.committed"


def canonical_commitment(panel: Panel) -> bytes:
    """The commitment in the one form that was hashed and logged."""
    return canonical_ascii(panel.commitment)


def key_of(panel: Panel) -> bytes:
    """The key of a panel's draw. ValueError before the entropy is known."""
    if not panel.entropy:
        raise ValueError(f"{panel} has not been drawn.")
    return draw_key(panel.entropy, canonical_commitment(panel))


def stream_of(panel: Panel) -> str:
    """The log's stream of the case that a panel judges."""
    return f"claim:{panel.case_ref}"


def sealing_checkpoint(panel: Panel) -> Checkpoint | None:
    """The first signed checkpoint over the panel's commitment; None while no signed checkpoint covers it."""
    return covering_checkpoint(kind=DRAW_COMMITTED, stream=stream_of(panel), facts={"panel": panel.pk})


def earlier_steps(panel: Panel) -> list[Step]:
    """The steps taken so far, in the order of the walk."""
    return [Step(row.position, row.number, StepOutcome(row.outcome)) for row in panel.steps.order_by("position")]


def reason_salt(panel: Panel, position: int) -> bytes:
    """The secret salt of a step's reason: derived, so that the auditor's copy can't be lost."""
    return bytes.fromhex(blind_index("draw step", f"{panel.commitment_digest}/{position}"))


def strength_of(panel: Panel) -> BiasStrength:
    """What the record may claim about the draw: proof against bias only where the applicant really added a word."""
    kinds = [SourceKind(source["kind"]) for source in panel.commitment["sources"]]
    return strength(kinds, did_applicant_give_nonce=panel.nonce != "")


@dataclass(frozen=True)
class RecordedStep:
    """One number of the walk as the public sees it: seated, or skipped with a commitment to the reason."""

    position: int
    number: int
    is_seated: bool
    reason_commitment: str


@dataclass(frozen=True)
class DrawRecord:
    """Everything that is needed to repeat a draw; no names, no reasons, and not who holds which seat."""

    panel: Panel

    @property
    def commitment(self) -> str:
        """The commitment as it was hashed."""
        return canonical_commitment(self.panel).decode("ascii")

    @property
    def key(self) -> str:
        """The key of the walk: entropy, `/`, the commitment's digest, `./`."""
        return key_of(self.panel).decode("ascii")

    @property
    def entropy_text(self) -> str:
        """The link and the word as they count in the key."""
        return self.panel.entropy

    @property
    def link_number(self) -> int:
        """How many hashes lead from the revealed link to the chain's anchor."""
        sources = self.panel.commitment["sources"]
        return next(int(source["issue"]) for source in sources if source["kind"] == SourceKind.CHAIN_LINK)

    @property
    def is_bias_proof(self) -> bool:
        """Whether not even the operator could have shaped the outcome."""
        return strength_of(self.panel) is BiasStrength.BIAS_PROOF

    @property
    def checkpoint_size(self) -> int | None:
        """How many entries are covered by the checkpoint that sealed the commitment before the word and the draw."""
        return self.panel.checkpoint_size

    @property
    def checkpoint_root(self) -> str:
        """The root that this checkpoint signs, in hexadecimal; empty where the draw didn't wait for one."""
        return bytes(getattr(self.panel, "checkpoint_root", None) or b"").hex()

    @property
    def drawn_at(self) -> datetime | None:
        """When the draw was made."""
        return self.panel.drawn_at

    @cached_property
    def steps(self) -> list[RecordedStep]:
        """The walk, replacements included, in its order."""
        return [self._public(step) for step in self.panel.steps.all()]

    @property
    def command(self) -> str:
        """The command that prints the same numbers in the same order."""
        pool, seats = self.panel.pool_high, len(self.steps)
        return f'python manage.py draw --hash sha256 --pool {pool} --seats {seats} --entropy "{self.key}"'

    def _public(self, row: DrawStep) -> RecordedStep:
        is_seated = row.outcome == StepOutcome.SEATED
        sealed = (
            "" if is_seated else public_reason(self.panel, Step(row.position, row.number, StepOutcome(row.outcome)))
        )
        return RecordedStep(row.position, row.number, is_seated, sealed)


def public_reason(panel: Panel, step: Step) -> str:
    """The salted commitment to why a number was skipped."""
    return reason_commitment(reason_salt(panel, step.position), panel.commitment_digest, step)


def rounds_drawn(case_refs: Iterable[str]) -> list[tuple[str, int]]:
    """Every draw that was made on these cases, as (case, round): each has a public record."""
    drawn = Panel.objects.filter(case_ref__in=list(case_refs)).exclude(drawn_at=None)
    return list(drawn.order_by("case_ref", "round").values_list("case_ref", "round"))


def panels_drawn() -> QuerySet[Panel]:
    """Every panel that has been drawn, for everybody; the file, the keys and the votes are not fetched."""
    return (
        Panel.objects.exclude(drawn_at=None)
        .select_related("plan")
        .prefetch_related("steps")
        .annotate(checkpoint_root=Checkpoint.objects.filter(size=OuterRef("checkpoint_size")).values("root"))
        .only(
            "plan__code",
            "plan__title_en",
            "plan__title_zh",
            "case_ref",
            "round",
            "status",
            "seats_wanted",
            "quorum",
            "pool_high",
            "commitment",
            "commitment_digest",
            "committed_at",
            "nonce",
            "nonce_due_at",
            "chain_index",
            "checkpoint_size",
            "entropy",
            "drawn_at",
        )
        .order_by("-pk")
    )


def draw_record(case_ref: str, round_: int) -> DrawRecord | None:
    """The record of one draw; None while it hasn't been made."""
    panel = panels_drawn().filter(case_ref=case_ref, round=round_).first()
    return DrawRecord(panel) if panel else None
