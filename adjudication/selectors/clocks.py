"""The running clocks: every wait of every claim that runs now, by the tables of waits of all rooms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from adjudication.models import Claim, Investigation
from adjudication.selectors.reminders import DECISION_LATE, WAITS_LATE
from adjudication.selectors.wait_terms import Terms
from audit import clock
from audit.rooms import all_waits
from audit.selectors.sweeps import ROWS_A_PAGE
from audit.waits import Doer, Wait
from members.access import AnyUser, is_auditor, is_investigator, is_reviewer
from members.models import Message, User
from members.models.users import Role
from members.selectors.reminders import in_last_quarter, not_reminded
from members.selectors.users import holders_of
from pages.moments import page_now

WITHOUT_END_FOR = dt.timedelta(days=1)
"""After this time a wait without an end is late."""
COLUMNS = ("wait_kind", "wait_row", "wait_claim", "wait_since", "wait_until")
DOERS: dict[Doer, str | Promise] = {
    Doer.APPLICANT: _("the applicant"),
    Doer.INVESTIGATOR: _("the investigator"),
    Doer.INVESTIGATORS: _("any investigator"),
    Doer.JURORS: _("the jurors"),
    Doer.PROFESSIONALS: _("the doctors"),
    Doer.REVIEWERS: _("the reviewers"),
    Doer.SERVICE: _("the service"),
}
FOR_STAFF_ALONE = frozenset({"finding.late", "record.withdrawn", "identity.unsettled"})
"""What an applicant is told in other ways, or not before it is settled."""


@dataclass(frozen=True)
class Clock:
    """One wait of one claim."""

    wait: Wait
    claim: Claim
    since: dt.datetime
    until: dt.datetime | None
    now: dt.datetime

    @property
    def is_late(self) -> bool:
        """Whether its time is over, or it runs without an end for more than a day."""
        return self.until <= self.now if self.until else self.since <= self.now - WITHOUT_END_FOR

    @property
    def next_at(self) -> dt.datetime:
        """The next moment at which something happens by itself: its end, or, after it and without one, the next day,
        on which staff are told again.
        """
        if self.until is not None and self.until > self.now:
            return self.until
        return self.since + WITHOUT_END_FOR if not self.is_late else _next_day(self.now)

    @property
    def who(self) -> str | Promise:
        """Who must act, in words."""
        return DOERS[self.wait.who]


def clocks_visible_to(user: AnyUser, *, kind: str = "", is_late: bool = False) -> QuerySet[Any, Any]:
    """The running clocks that a user may see, the least time left first: all for reviewers and auditors, those of the
    claims that they investigate for investigators. Rows are tuples of `COLUMNS`; `clock_rows` reads them.
    """
    if is_reviewer(user) or is_auditor(user):
        return _union(all_waits(), kind=kind, is_late=is_late)
    if not is_investigator(user) or not isinstance(user, User):
        return _union((), kind=kind, is_late=is_late)
    theirs = Investigation.objects.filter(investigator=user).exclude(status=Investigation.Status.ABANDONED)
    return _union(all_waits(), Q(wait_claim__in=theirs.values("claim_id")), kind=kind, is_late=is_late)


def clocks_of(claim: Claim, *, is_for_staff: bool) -> list[Clock]:
    """What runs for one claim, the least time left first. The caller has checked that the reader may see the claim."""
    waits = [one for one in all_waits() if is_for_staff or one.name not in FOR_STAFF_ALONE]
    return clock_rows(_union(waits, Q(wait_claim=claim.pk)), claims=[claim])


def clock_rows(found: Iterable[tuple[Any, ...]], claims: Iterable[Claim] | None = None) -> list[Clock]:
    """One page of running clocks, with their claims; one query."""
    rows = list(found)
    if claims is None:
        claims = Claim.objects.filter(pk__in={row[2] for row in rows}).select_related("plan")
    by_pk, waits, now = {claim.pk: claim for claim in claims}, _by_name(), page_now()
    return [
        Clock(waits[kind], by_pk[claim_id], since, until, now)
        for kind, _row, claim_id, since, until in rows
        if claim_id in by_pk
    ]


def kinds_of_clocks() -> list[tuple[str, str | Promise]]:
    """Every kind of wait, for a choice: its name and what is waited for."""
    return [(wait.name, wait.title) for wait in all_waits()]


def late_count() -> int:
    """How many clocks are late."""
    return _union(all_waits(), is_late=True).count()


def over(name: str) -> Callable[[int], list[int]]:
    """For a sweep: the rows behind an id whose wait of this name is over."""

    def due(behind: int = 0) -> list[int]:
        return list(_over(name).filter(pk__gt=behind).order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])

    return due


def is_over(name: str, pk: int) -> bool:
    """Whether the wait of this name is over for one row; asked again by the act, under its locks."""
    return bool(_over(name).filter(pk=pk).exists())


def to_remind(name: str) -> Callable[[int], list[int]]:
    """For a sweep: the rows behind an id of whose wait the last quarter runs, and nobody was reminded of this end."""

    def due(behind: int = 0) -> list[int]:
        found = not_reminded(_reminding(name).filter(pk__gt=behind), _by_name()[name].reminder, name, end="wait_until")
        return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])

    return due


def end_to_remind_of(name: str, pk: int) -> dt.datetime | None:
    """The end of a wait in its last quarter; None if that does not run."""
    found: dt.datetime | None = _reminding(name).filter(pk=pk).values_list("wait_until", flat=True).first()
    return found


def decisions_late(behind: int = 0) -> list[int]:
    """Claims behind an id whose decision is late, and whose applicant was not told so in this state."""
    about = Concat(Value("decision:"), Cast("pk", CharField()), Value("/"), _state(), output_field=CharField())
    told = Message.objects.filter(kind=DECISION_LATE, about=OuterRef("_about"))
    found = _over("decision.awaited").filter(pk__gt=behind).annotate(_about=about).filter(~Exists(told))
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def decision_about(claim_id: int) -> str:
    """What the telling that a decision is late is about: the claim in its state."""
    found = Claim.objects.filter(pk=claim_id).values_list(_state(), flat=True)
    return f"decision:{claim_id}/{found[0]}"


def reviewers_to_tell(behind: int = 0) -> list[int]:
    """The reviewers behind an id who have not been told today how many clocks are late, if any is."""
    told = Message.objects.filter(kind=WAITS_LATE, about=day_about(), to_user=OuterRef("pk"))
    found = holders_of(Role.REVIEWER).filter(~Exists(told), pk__gt=behind)
    ids = list(found.values_list("pk", flat=True)[:ROWS_A_PAGE])
    return ids if ids and late_count() else []


def day_about() -> str:
    """What the message of a day is about."""
    return f"waits:{timezone.localdate(clock.now()).isoformat()}"


def _state() -> Any:
    return Cast(F("status_since"), CharField())


def _by_name() -> dict[str, Wait]:
    return {wait.name: wait for wait in all_waits()}


def _over(name: str) -> QuerySet[Any]:
    found: QuerySet[Any] = _by_name()[name].running(Terms()).filter(wait_until__lte=clock.now())
    return found


def _reminding(name: str) -> QuerySet[Any]:
    return in_last_quarter(_by_name()[name].running(Terms()), start="wait_since", end="wait_until")


def _next_day(now: dt.datetime) -> dt.datetime:
    day = timezone.localdate(now) + dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _union(
    waits: Iterable[Wait], only: Q | None = None, *, kind: str = "", is_late: bool = False
) -> QuerySet[Any, Any]:
    """One query for all of them; the rules of the plan versions are read once."""
    terms, now = Terms(), page_now()
    late = Q(wait_until__lte=now) | Q(wait_until=None, wait_since__lte=now - WITHOUT_END_FOR)
    parts = []
    for wait in waits:
        if kind in {"", wait.name}:
            rows = wait.running(terms).filter(*[q for q in (only, late if is_late else None) if q is not None])
            named = rows.annotate(wait_kind=Value(wait.name, output_field=CharField()), wait_row=F("pk"))
            parts.append(named.values_list(*COLUMNS))
    if not parts:
        return Claim.objects.none().values_list("pk")
    first, *others = parts
    found: QuerySet[Any, Any] = first.union(*others, all=True)
    return found.order_by("wait_until", "wait_since", "wait_kind", "wait_row")
