"""Drafts of plan versions: written, proposed by one reviewer, published by another."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from pytest_django.fixtures import Settings

from audit.errors import DomainError
from audit.models import Entry
from members.errors.plan_drafts import (
    DraftChanged,
    DraftClosed,
    DraftEmpty,
    DraftNotProposed,
    DraftProposed,
    DraftTooLong,
)
from members.errors.plans import PlanFileInvalid, PlanIsAnother, PlanVersionPublished, StartsInThePast
from members.errors.roles import OwnProposal, ReviewersOnly
from members.models import Plan, PlanDraft, PlanVersion, User
from members.selectors.plan_drafts import drafts_to_confirm, drafts_visible_to, reading_of
from members.services.plan_drafts import (
    LONGEST_SOURCE,
    propose_draft,
    publish_draft,
    save_draft,
    send_back_draft,
    start_draft,
    withdraw_draft,
)
from tests.cast import Cast
from tests.factories import alone, make_plan_version, make_user, plan_file, revised

pytestmark = pytest.mark.django_db
SOURCE = alone(plan_file("xhb-2020-01-01"))


def next_version(starts: str = "2990-01-01", fee: str = "10 %", label: str = "2990-01-01") -> str:
    source = SOURCE.replace('version = "2020-01-01"', f'version = "{label}"')
    source = source.replace("starts_at = 2020-01-01T00:00:00", f"starts_at = {starts}T00:00:00")
    return source.replace('fee = "8 %"', f'fee = "{fee}"')


def written(cast: Cast, source: str | None = None) -> PlanDraft:
    draft = start_draft(based_on=cast.version, by=cast.reviewer)
    return save_draft(draft_id=draft.pk, source=source or next_version(), revision=1, by=cast.reviewer)


def proposed(cast: Cast, source: str | None = None) -> PlanDraft:
    draft = written(cast, source)
    return propose_draft(draft_id=draft.pk, revision=draft.revision, by=cast.reviewer)


def kinds(draft: PlanDraft) -> list[str]:
    return list(Entry.objects.filter(stream=draft.stream).order_by("pk").values_list("kind", flat=True))


def test_from_the_last_version_to_a_published_one(cast: Cast) -> None:
    draft = proposed(cast)
    assert (draft.status, draft.plan_code, draft.proposed_by, draft.revision) == ("proposed", "xhb", cast.reviewer, 2)
    assert list(drafts_to_confirm(cast.other_reviewer)) == [draft]
    assert list(drafts_to_confirm(cast.reviewer)) == []

    version = publish_draft(draft_id=draft.pk, revision=2, by=cast.other_reviewer)

    draft = PlanDraft.objects.get()
    assert (draft.status, draft.version, draft.confirmed_by) == ("published", version, cast.other_reviewer)
    assert (version.plan, version.label, version.rules.fee_bp) == (cast.plan, "2990-01-01", 1000)
    assert kinds(draft) == ["plan_draft.started", "plan_draft.saved", "plan_draft.proposed", "plan_draft.published"]
    entry = Entry.objects.get(kind="plan_draft.published")
    assert entry.actor == cast.other_reviewer.audit_ref
    assert entry.body["proposed_by"] == cast.reviewer.audit_ref
    assert entry.body["digest"] == version.digest
    assert Entry.objects.get(kind="plan_version.published").actor == cast.other_reviewer.audit_ref


def test_a_text_may_say_its_format_and_revision(cast: Cast) -> None:
    draft = proposed(cast, revised(next_version(), 4))
    version = publish_draft(draft_id=draft.pk, revision=draft.revision, by=cast.other_reviewer)
    assert (version.rules.format, version.rules.revision) == (3, 4)


def test_a_correction_of_a_published_version_is_not_published_by_a_draft(cast: Cast) -> None:
    draft = written(cast, revised(SOURCE, 4).replace('fee = "8 %"', 'fee = "9 %"'))
    with pytest.raises(PlanVersionPublished):
        propose_draft(draft_id=draft.pk, revision=draft.revision, by=cast.reviewer)


def test_a_text_that_is_wrong_is_kept_as_typed_and_every_problem_is_told(cast: Cast) -> None:
    typed = next_version(fee="a lot").replace("grace_days = 14", "grace_days = 999") + "\n# unfinished"
    draft = written(cast, typed)
    assert PlanDraft.objects.get().source == typed
    reading = reading_of(draft)
    assert reading.rules is None
    assert reading.differences == ()
    assert [(one.key, one.line is not None) for one in reading.problems] == [
        ("money.fee", True),
        ("arrears.grace_days", True),
    ]
    with pytest.raises(PlanFileInvalid) as caught:
        propose_draft(draft_id=draft.pk, revision=draft.revision, by=cast.reviewer)
    assert len(caught.value.problems) == 2
    assert PlanDraft.objects.get().status == "drafting"
    assert save_draft(draft_id=draft.pk, source="no toml at all", revision=2, by=cast.reviewer).plan_code == ""


def test_what_changes_is_compared_with_the_version_in_force_at_its_start(cast: Cast) -> None:
    older = make_plan_version("xhb-2019-01-01")
    draft = written(cast, next_version(starts="2019-07-01", label="2019-07-01"))
    reading = reading_of(draft)
    assert reading.compared_with == older
    assert reading.plan == cast.plan
    assert any(one.sentence.en == "Management fee: 8 % → 10 %" for one in reading.differences)


def test_nothing_new_saves_nothing(cast: Cast) -> None:
    draft = start_draft(based_on=cast.version, by=cast.reviewer)
    same = cast.version.source.replace("\n", "\r\n")
    assert save_draft(draft_id=draft.pk, source=same, revision=1, by=cast.reviewer).revision == 1
    assert kinds(draft) == ["plan_draft.started"]


def test_a_new_plan_may_start_in_the_past_and_comes_with_its_first_version(cast: Cast, settings: Settings) -> None:
    settings.IS_DEMO = False
    source = SOURCE.replace('code = "xhb"', 'code = "xhb-other"')
    draft = start_draft(source=source, by=cast.reviewer)
    assert (draft.plan_code, draft.based_on) == ("xhb-other", None)
    assert reading_of(draft).compared_with is None
    propose_draft(draft_id=draft.pk, revision=1, by=cast.reviewer)
    publish_draft(draft_id=draft.pk, revision=1, by=cast.other_reviewer)
    assert Plan.objects.get(code="xhb-other").versions.count() == 1


def test_a_start_that_has_passed_is_for_demonstrations_only(cast: Cast, settings: Settings) -> None:
    past = next_version(starts="2021-01-01", label="2021-01-01")
    draft = proposed(cast, past)
    settings.IS_DEMO = False
    with pytest.raises(StartsInThePast, match="in the future"):
        publish_draft(draft_id=draft.pk, revision=draft.revision, by=cast.other_reviewer)
    with pytest.raises(StartsInThePast):
        proposed(cast, past)
    assert PlanVersion.objects.count() == 1
    settings.IS_DEMO = True
    assert publish_draft(draft_id=draft.pk, revision=draft.revision, by=cast.other_reviewer).label == "2021-01-01"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (next_version(starts="2020-01-01"), PlanVersionPublished),
        (next_version(label="2020-01-01"), PlanVersionPublished),
        (next_version().replace('currency = "CNY"', 'currency = "EUR"'), PlanIsAnother),
        (next_version().replace('"Asia/Shanghai"', '"Asia/Tokyo"'), PlanIsAnother),
    ],
)
def test_what_stands_already_is_told_at_the_proposal(cast: Cast, source: str, error: type[DomainError]) -> None:
    draft = written(cast, source)
    with pytest.raises(error):
        propose_draft(draft_id=draft.pk, revision=draft.revision, by=cast.reviewer)
    assert kinds(draft)[-1] == "plan_draft.saved"


def test_nobody_confirms_their_own_proposal(cast: Cast) -> None:
    draft = proposed(cast)
    with pytest.raises(OwnProposal, match="Another reviewer has to confirm"):
        publish_draft(draft_id=draft.pk, revision=draft.revision, by=cast.reviewer)
    assert PlanDraft.objects.get().status == "proposed"
    assert PlanVersion.objects.count() == 1


def test_the_database_holds_to_two_reviewers_whatever_the_code_does(cast: Cast) -> None:
    draft = proposed(cast)
    draft.confirmed_by, draft.confirmed_at, draft.version = cast.reviewer, draft.proposed_at, cast.version
    draft.publish()
    with pytest.raises(IntegrityError, match="two_reviewers_publish_a_draft"), transaction.atomic():
        draft.save(update_fields=["status", "confirmed_by", "confirmed_at", "version"])


@pytest.mark.parametrize("role", ["auditor", "investigator", "professional", "member", "outsider"])
def test_nobody_else_drafts(cast: Cast, role: str) -> None:
    user = cast.by_role()[role]
    assert user is not None
    draft = proposed(cast)
    acts: list[Callable[[], object]] = [
        lambda: start_draft(based_on=cast.version, by=user),
        lambda: save_draft(draft_id=draft.pk, source="x", revision=2, by=user),
        lambda: propose_draft(draft_id=draft.pk, revision=2, by=user),
        lambda: send_back_draft(draft_id=draft.pk, remark="", by=user),
        lambda: publish_draft(draft_id=draft.pk, revision=2, by=user),
        lambda: withdraw_draft(draft_id=draft.pk, by=user),
    ]
    for act in acts:
        with pytest.raises(ReviewersOnly):
            act()
    assert drafts_visible_to(user).count() == (1 if role == "auditor" else 0)


def test_a_proposed_text_stays_until_it_is_sent_back(cast: Cast) -> None:
    draft = proposed(cast)
    with pytest.raises(DraftProposed, match="Send it back first"):
        save_draft(draft_id=draft.pk, source=SOURCE, revision=2, by=cast.reviewer)
    with pytest.raises(DraftProposed):
        propose_draft(draft_id=draft.pk, revision=2, by=cast.reviewer)
    back = send_back_draft(draft_id=draft.pk, remark="The fee needs a reason.", by=cast.other_reviewer)
    assert (back.status, back.remark, back.proposed_by) == ("drafting", "The fee needs a reason.", None)
    for act in (
        lambda: send_back_draft(draft_id=draft.pk, remark="", by=cast.reviewer),
        lambda: publish_draft(draft_id=draft.pk, revision=2, by=cast.other_reviewer),
    ):
        with pytest.raises(DraftNotProposed):
            act()
    save_draft(draft_id=draft.pk, source=next_version(fee="9 %"), revision=2, by=cast.reviewer)
    again = propose_draft(draft_id=draft.pk, revision=3, by=cast.other_reviewer)
    assert (again.remark, again.proposed_by) == ("", cast.other_reviewer)
    assert publish_draft(draft_id=draft.pk, revision=3, by=cast.reviewer).rules.fee_bp == 900


def test_nobody_acts_on_a_text_that_they_have_not_seen(cast: Cast) -> None:
    draft = written(cast)
    for act in (
        lambda: save_draft(draft_id=draft.pk, source=SOURCE, revision=1, by=cast.other_reviewer),
        lambda: propose_draft(draft_id=draft.pk, revision=1, by=cast.other_reviewer),
    ):
        with pytest.raises(DraftChanged, match="Nothing was stored"):
            act()
    propose_draft(draft_id=draft.pk, revision=2, by=cast.reviewer)
    with pytest.raises(DraftChanged):
        publish_draft(draft_id=draft.pk, revision=1, by=cast.other_reviewer)


def test_a_withdrawn_draft_stays_withdrawn(cast: Cast) -> None:
    draft = withdraw_draft(draft_id=proposed(cast).pk, by=cast.other_reviewer)
    assert draft.status == "withdrawn"
    with pytest.raises(DraftClosed):
        withdraw_draft(draft_id=draft.pk, by=cast.reviewer)
    with pytest.raises(DraftClosed, match="Begin a new draft"):
        save_draft(draft_id=draft.pk, source=SOURCE, revision=2, by=cast.reviewer)
    assert kinds(draft)[-1] == "plan_draft.withdrawn"


@pytest.mark.parametrize(
    ("source", "error"), [("", DraftEmpty), (" \n", DraftEmpty), ("x" * (LONGEST_SOURCE + 1), DraftTooLong)]
)
def test_a_draft_has_a_text_of_reasonable_length(cast: Cast, source: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        start_draft(source=source, by=cast.reviewer)
    assert not PlanDraft.objects.exists()


@pytest.mark.parametrize("field", ["source", "plan_code", "based_on_id", "created_by_id", "proposed_by_id"])
def test_the_database_keeps_a_published_draft_as_it_is(cast: Cast, field: str) -> None:
    draft = proposed(cast)
    publish_draft(draft_id=draft.pk, revision=2, by=cast.other_reviewer)
    value = {"source": "''", "plan_code": "''"}.get(field, "NULL")
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE members_plandraft SET {field} = {value}")


def test_the_database_keeps_a_published_version_as_it_is(cast: Cast) -> None:
    version = publish_draft(draft_id=proposed(cast).pk, revision=2, by=cast.other_reviewer)
    for statement in ("UPDATE members_planversion SET source = ''", "DELETE FROM members_planversion"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert PlanVersion.objects.get(pk=version.pk).source == version.source


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_confirm_at_once_and_one_version_comes_of_it(cast: Cast) -> None:
    draft = proposed(cast)
    told = _at_once(
        draft, [cast.other_reviewer, make_user("reviewer3@test.example", "reviewer")], PlanVersion.objects.count
    )
    assert sorted(told) == ["DraftNotProposed", "published"]
    assert PlanVersion.objects.count() == 2
    assert Entry.objects.filter(kind="plan_draft.published").count() == 1


def _at_once(draft: PlanDraft, reviewers: list[User], count: Callable[[], int]) -> list[str]:
    """What each is told who confirms at the same moment."""
    assert count() == 1
    start, told = threading.Barrier(len(reviewers)), []

    def confirm(by: User) -> None:
        try:
            start.wait()
            publish_draft(draft_id=draft.pk, revision=draft.revision, by=by)
            told.append("published")
        except DomainError as error:
            told.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=(one,)) for one in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.django_db(transaction=True)
def test_two_drafts_of_one_version_do_not_both_become_it(cast: Cast) -> None:
    first, second = proposed(cast), proposed(cast, next_version(fee="9 %"))
    publish_draft(draft_id=first.pk, revision=2, by=cast.other_reviewer)
    with pytest.raises(PlanVersionPublished):
        publish_draft(draft_id=second.pk, revision=2, by=cast.other_reviewer)
    assert PlanDraft.objects.get(pk=second.pk).status == "proposed"
