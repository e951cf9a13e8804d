"""What a plan version says, as frozen data: amounts in minor units, ages in completed years, rates in basis points."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from audit.rules.canonical import canonical_json as _canonical_json
from members.rules.plan_formats import Place, canonical_content, whole_content
from members.rules.plan_members import FreeTime, PastAgeRules
from members.rules.plan_waits import WaitRules

SEVERITIES = ("mild", "severe")
MOVES = ("upgrade", "transfer")
BENCHES = ("drawn", "open")
JURY_POLICIES = ("all", "disputed")
VERDICTS, OPINIONS = ("support", "against", "hung"), ("confirmed", "not_confirmed", "inconclusive")
TABLE_OUTCOMES = ("approved", "rejected", "fresh_panel", "reinvestigate")
DECISION_OUTCOMES = ("approved", "rejected")
QUESTION_SUBJECTS = (
    "condition_covered",
    "severity",
    "suspected_tumour",
    "health_statement",
    "first_diagnosis",
    "accident",
)
"""What the answer to a medical question can bear on: four clauses, the day of first diagnosis, the cause."""
TRIGGERS = ("always", "opposes_investigator", "thin_margin", "hung", "medical_flags", "aid_above")
SHARE_ROUNDINGS = ("up",)
BORNE_BY_SPONSOR = (
    "case_cap_excess",
    "annual_cap_excess",
    "gifts",
    "refunds",
    "written_off",
    "after_dissolution",
)
"""What can fall on the sponsor: nobody else can bear it, for aid is paid in full and the surplus is never negative."""
DISSOLUTION_STEPS = ("dissolves", "continues")
SURPLUS_RECEIVERS = ("members", "sponsor", "charity")
CLAUSES = (
    "possible_dates",
    "plan_version",
    "membership",
    "condition_covered",
    "severity",
    "exclusion",
    "age",
    "waiting_period",
    "suspected_tumour",
    "apply_by",
    "health_statement",
    "aided_before",
    "other_claim",
)
"""The clauses that can decide a claim; a plan gives a reason code of the same name for each."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages of the service."""

    en: str
    zh: str

    def in_language(self, language: str | None) -> str:
        """The Chinese text for any `zh…` language tag, otherwise the English one."""
        return self.zh if language is not None and language.lower().startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class HealthQuestion:
    """A question of the health statement and the answer with which a person may join."""

    code: str
    text: Text
    allowed_answer: bool


@dataclass(frozen=True, slots=True)
class WayIn:
    """How members of another plan may move to this one, by their own act; both ages in completed years, inclusive."""

    plan: str
    """The code of the plan that they come from."""
    kind: str
    age_from: int
    age_to: int
    asks_health: bool
    """Whether the health statement is asked again; otherwise the one that they signed before goes on."""
    counts_wait: bool
    """Whether the wait counts from its start in the other plan; otherwise it starts again."""


@dataclass(frozen=True, slots=True)
class JoinRules:
    """Who may join: youngest in days (and in completed years), oldest in completed years, all inclusive."""

    age_min_days: int
    age_max_years: int
    health_questions: tuple[HealthQuestion, ...]
    age_min_years: int = 0
    ways_in: tuple[WayIn, ...] = ()
    """The plans whose members may move into this one."""
    closed_from: datetime | None = None
    """The moment from which nobody may join or move into the plan; None while it takes members."""

    def is_closed_at(self, at: datetime) -> bool:
        """Whether the plan takes no new members at a moment."""
        return self.closed_from is not None and at >= self.closed_from


@dataclass(frozen=True, slots=True)
class AidBand:
    """The aid for an age at first diagnosis and a severity; both ages inclusive."""

    age_from: int
    age_to: int
    severity: str
    amount_minor: int
    clause: str


@dataclass(frozen=True, slots=True)
class Disease:
    """One of the diseases that share a code, as an answer to the question that tells them apart."""

    code: str
    text: Text
    is_covered: bool


@dataclass(frozen=True, slots=True)
class DiseaseQuestion:
    """Which disease it is, where ICD-10 has one code for several and the plan covers only some of them."""

    text: Text
    answers: tuple[Disease, ...]

    def answer(self, code: str | None) -> Disease | None:
        """The disease that an answer names; None for one that this question does not have."""
        return next((one for one in self.answers if one.code == code), None)

    @property
    def covered(self) -> tuple[Disease, ...]:
        """The diseases that the plan covers."""
        return tuple(one for one in self.answers if one.is_covered)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that is covered or excluded: ICD-10 codes or ranges such as `C00-C97`, subcodes included."""

    code: str
    title: Text
    icd10: tuple[str, ...]
    severities: tuple[str, ...]
    clause: str
    text: Text


@dataclass(frozen=True, slots=True)
class CoveredCondition(Condition):
    """A condition that is covered, with the question that its codes may need."""

    asks: DiseaseQuestion | None = None
    """The question that tells the diseases of its codes apart; None where the code alone decides."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days of the month; the first notice day belongs to the first charge day, and so on."""

    notice_days: tuple[int, ...]
    charge_days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SponsorRules:
    """Who stands behind the plan, and what of `BORNE_BY_SPONSOR` falls on them."""

    name: Text
    bears: tuple[str, ...]

    @property
    def gives_shares(self) -> bool:
        """Whether the sponsor pays the shares of members to whom it gives them."""
        return "gifts" in self.bears


@dataclass(frozen=True, slots=True)
class DissolutionRules:
    """When the plan has too few members to continue, judged on the members of a notice, and what follows then.

    `then` and `below_members` are None together: such a plan continues with any number of members. `cover_months` is
    how long a plan that `continues` still covers its members. `charity` is named where the surplus goes to one.
    """

    below_members: int | None
    then: str | None
    cover_months: int | None
    surplus_to: str
    charity: Text | None


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """How a claim runs before the jury."""

    failed_clause_rejects: bool
    investigation_days: int
    investigation_warning_days: int
    binding: tuple[str, ...] = ()
    """The clauses that bind: without each of them nothing is approved, whatever a jury says; the others are judged."""


@dataclass(frozen=True, slots=True)
class JuryRules:
    """Which claims go before a jury, and how a hearing is staffed and timed.

    `answer_days` is the time in which an applicant may ask for the jury; None where every claim goes before one.
    """

    policy: str
    answer_days: int | None
    bench: str
    seats: int
    fresh_seats: int
    quorum: int
    extension_hours: int
    voting_hours: int
    nonce_hours: int
    min_age_years: int
    min_tenure_days: int
    max_open_seats: int
    lookup_limit: int

    @property
    def fresh_quorum(self) -> int:
        """Ballots that a fresh or appeal panel needs: the same share of its seats as on the first bench, rounded up.

        Where the first bench is open, its minimum of ballots says nothing about a drawn panel: more than half.
        """
        if self.bench == "open":
            return self.fresh_seats // 2 + 1
        return -(-self.quorum * self.fresh_seats // self.seats)


@dataclass(frozen=True, slots=True)
class Question:
    """A medical question put to the professionals, and what “yes” confirms; None: no clause asks for the answer."""

    code: str
    text: Text
    bears_on: str | None = None


@dataclass(frozen=True, slots=True)
class OpinionRules:
    """When professionals are asked, how many, for how long, and what."""

    triggers: tuple[str, ...]
    thin_margin_ballots: int
    medical_flags: int
    aid_above_minor: int | None
    professionals: int
    hours: int
    questions: tuple[Question, ...]
    sees_papers: bool = False
    """Whether professionals read the medical papers of the claim that jurors do not see."""


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A reason that a decision or a ballot may give, and the outcomes that it can be given for."""

    code: str
    text: Text
    for_outcomes: tuple[str, ...]


@dataclass(frozen=True)
class PlanRules:
    """One version of a plan's rules, in force from `starts_at` until the next version of the same plan starts."""

    code: str
    version: str
    starts_at: datetime
    timezone: str
    currency: str
    currency_exponent: int
    title: Text
    summary: Text
    fee_bp: int
    case_cap_minor_per_head: int | None
    annual_cap_minor: int | None
    share_unit_minor: int
    """A share is charged in whole units of this, and every started one counts."""
    share_rounding: str
    sponsor: SponsorRules
    waiting_days: int
    waiting_exempts_accident: bool
    suspected_tumour_days: int | None
    apply_by_days: int
    join: JoinRules
    aid: tuple[AidBand, ...]
    covered: tuple[CoveredCondition, ...]
    excluded: tuple[Condition, ...]
    calendar: Calendar
    claims: ClaimRules
    waits: WaitRules
    jury: JuryRules
    opinions: OpinionRules
    decision_table: Mapping[str, Mapping[str, str]] = field(hash=False)
    reason_codes: tuple[ReasonCode, ...]
    arrears_grace_days: int
    dissolution: DissolutionRules
    free_joined_before: date | None = field(default=None, kw_only=True)
    """The notice day before which early joiners have joined; None without a free time."""
    free_until: date | None = field(default=None, kw_only=True)
    """The last day whose notices cost early joiners nothing."""
    past_age: PastAgeRules = field(default=PastAgeRules(), kw_only=True)
    source: str = field(compare=False, repr=False)
    """The file's text, line ends as `\\n`; parsing it again gives the same rules."""
    format: int = 1
    """Which keys the file has (`plan_later_keys.py`)."""
    revision: int = 1
    """Which correction of the file of this version it is."""
    unsaid: frozenset[Place] = field(default=frozenset(), compare=False, repr=False)
    """What the text leaves unsaid because it is older than the key, or may leave it out."""
    published_digest: str = field(default="", compare=False, repr=False)
    """The digest that was stored when the version was published; empty for a text that is not."""

    @property
    def free_time(self) -> FreeTime | None:
        """The time in which early joiners pay nothing; None without one."""
        if self.free_joined_before is None or self.free_until is None:
            return None
        return FreeTime(self.free_joined_before, self.free_until)

    @property
    def oldest_covered_years(self) -> int:
        """The oldest age at first diagnosis, in completed years, that has aid."""
        return max(band.age_to for band in self.aid)

    def reasons_for(self, outcome: str) -> tuple[ReasonCode, ...]:
        """The reasons that may be given for an outcome (`approved`, `rejected`), in the plan's order."""
        return tuple(reason for reason in self.reason_codes if outcome in reason.for_outcomes)

    def says_the_same_as(self, other: PlanRules) -> bool:
        """Whether both mean the same, whatever format and revision they are written in."""
        about_the_file = {"format", "revision"}
        mine, its = whole_content(self), whole_content(other)
        return all(mine[name] == its[name] for name in mine.keys() - about_the_file)

    @cached_property
    def whole(self) -> dict[str, Any]:
        """Everything that the rules say in JSON's own types, also what the text leaves unsaid."""
        return whole_content(self)

    @cached_property
    def canonical_json(self) -> str:
        """What the text says as JSON with sorted keys and no blanks: layout and comments of the file leave no trace."""
        return _canonical_json(canonical_content(self))

    @cached_property
    def text_digest(self) -> str:
        """SHA-256 of the canonical JSON, in hex: equal exactly when two texts say the same."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()

    @property
    def digest(self) -> str:
        """What names these rules: of a published version the digest that was stored, whatever this release computes."""
        return self.published_digest or self.text_digest
