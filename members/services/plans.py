"""Publishing plan versions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from django.db import transaction

from audit import clock
from audit.actors import Actor
from audit.selectors import is_entered
from audit.services import append
from members.errors.plans import PlanFileDiffers, PlanIsAnother, PlanVersionPublished, SeniorPlanUnknown
from members.models import Plan, PlanVersion
from members.rules.plans import PlanRules, parse_plan
from members.selectors.plans import is_plan_known
from members.services.messages import tell_members

KEPT = "plan_version.kept"


class Loading(Enum):
    """What became of a plan file."""

    PUBLISHED = "published"
    UNCHANGED = "published before, with the same rules"
    KEPT = "another revision is published and stays"


@dataclass(frozen=True)
class Loaded:
    """A version, as it is published now, and what became of the file that was to be loaded."""

    version: PlanVersion
    outcome: Loading
    revision: int
    """The revision of the file."""
    is_news: bool
    """Whether this is the first time: a new version, or a revision that is not published and was not met before."""

    @property
    def is_kept_news(self) -> bool:
        """Whether it has to be said now that a corrected file is not published: it is said once."""
        return self.outcome is Loading.KEPT and self.is_news

    @property
    def line(self) -> str:
        """What became of the file, for the person who runs the command."""
        what = "published" if self.outcome is Loading.PUBLISHED else "was published already"
        if self.is_kept_news:
            what += (
                f" as revision {self.version.rules.revision} and stays as it is; revision {self.revision} of its file "
                "is for new databases (said once; it stands in the log)"
            )
        return f"{self.version}: {what}, in force from {self.version.starts_at.isoformat()}, {self.version.digest[:16]}"


@transaction.atomic
def load_plan_file(*, source: str, filename: str, by: Actor, together_with: Collection[str] = ()) -> Loaded:
    """Publish the version that a plan file describes, unless this database has that version already.

    The same rules again change nothing. Another revision of the file is not published: the revision at hand stays,
    because claims may have been filed under it, and the log says so once. `together_with` are the codes of the plans
    that the caller loads with it. Raises PlanFileInvalid, PlanFileDiffers (other rules under the same name and
    revision), PlanVersionPublished (same start, another name), PlanIsAnother, SeniorPlanUnknown.
    """
    rules = parse_plan(source, filename)
    plan = _plan_for(rules, by)
    versions = {version.label: version for version in plan.versions.all()}
    if rules.version in versions:
        return _held(versions[rules.version], rules, by)
    if any(version.starts_at == rules.starts_at for version in versions.values()):
        raise PlanVersionPublished(plan=rules.code, version=rules.version)
    if rules.past_age.senior_plan not in together_with:
        check_senior_plan(rules)
    version = PlanVersion.objects.create(
        plan=plan, label=rules.version, starts_at=rules.starts_at, source=rules.source, digest=rules.digest
    )
    entry = append(
        kind="plan_version.published",
        stream=f"plan:{plan.code}",
        by=by,
        body={
            "version": version.label,
            "starts_at": rules.starts_at.isoformat(),
            "digest": version.digest,
            "revision": rules.revision,
        },
    )
    tell_members(
        "members.rules_published",
        members_of=plan,
        counted_at=clock.now(),
        entry=entry,
        plan=plan.code,
        version=version.label,
        starts_at=version.starts_at,
    )
    return Loaded(version, Loading.PUBLISHED, rules.revision, is_news=True)


def check_senior_plan(rules: PlanRules) -> None:
    """The plan of which members past the oldest age are told is one. Raises SeniorPlanUnknown."""
    senior = rules.past_age.senior_plan
    if senior is not None and not is_plan_known(senior):
        raise SeniorPlanUnknown(plan=rules.code, version=rules.version, senior=senior)


def load_plan_version(*, source: str, filename: str, by: Actor) -> PlanVersion:
    """The version that this database has once the file is loaded. Raises what `load_plan_file` raises."""
    return load_plan_file(source=source, filename=filename, by=by).version


def _held(version: PlanVersion, rules: PlanRules, by: Actor) -> Loaded:
    """What becomes of a file whose version is published; the plan is locked, so that nothing is said twice."""
    if version.digest == rules.digest:
        return Loaded(version, Loading.UNCHANGED, rules.revision, is_news=False)
    held = version.rules
    if held.revision == rules.revision:
        # A text may say in a later format what an earlier one left unsaid: the rules are the same then.
        if held.says_the_same_as(rules):
            return Loaded(version, Loading.UNCHANGED, rules.revision, is_news=False)
        raise PlanFileDiffers(plan=rules.code, version=rules.version, held=held.revision, next=held.revision + 1)
    body: dict[str, int | str] = {
        "version": version.label,
        "revision": held.revision,
        "digest": version.digest,
        "not_published_revision": rules.revision,
        "not_published_digest": rules.digest,
    }
    stream = f"plan:{rules.code}"
    is_news = not is_entered(kind=KEPT, stream=stream, facts=body)
    if is_news:
        append(kind=KEPT, stream=stream, by=by, body=body)
    return Loaded(version, Loading.KEPT, rules.revision, is_news=is_news)


def _plan_for(rules: PlanRules, by: Actor) -> Plan:
    """The plan of the rules, locked, so that two files of one plan are loaded one after the other."""
    plan, is_new = Plan.objects.get_or_create(
        code=rules.code,
        defaults={
            "title_en": rules.title.en,
            "title_zh": rules.title.zh,
            "currency": rules.currency,
            "currency_exponent": rules.currency_exponent,
            "timezone": rules.timezone,
        },
    )
    if is_new:
        append(kind="plan.opened", stream=f"plan:{plan.code}", by=by, body={"currency": plan.currency})
    # `get_or_create` takes no lock on a plan that exists: two versions with one start could both pass the check.
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    for key in ("currency", "currency_exponent", "timezone"):
        if getattr(plan, key) != getattr(rules, key):
            raise PlanIsAnother(plan=plan.code, key=key)
    return plan
