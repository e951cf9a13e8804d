"""Filing, withdrawing and settling claims."""

from __future__ import annotations

import datetime as dt
import re
import threading
import time

import pytest
from django.db import connection, transaction
from django.utils import timezone

from adjudication.errors.claims import (
    ClaimAlreadyOpen,
    ClaimNotApproved,
    ClaimNotWithdrawable,
    ClaimUnknown,
    DiagnosedBeforeJoining,
    DiagnosedOutsideMembership,
    DiagnosisBeforeBirth,
    DiagnosisInFuture,
    HospitalMissing,
    NoNonceAwaited,
    NotYourClaim,
    SeverityUnknown,
    SuspicionImpossible,
    TextTooLong,
)
from adjudication.models import Claim, Decision
from adjudication.services.claims import give_nonce, settle_claim, submit_claim, withdraw_claim
from audit import clock
from audit.actors import SYSTEM
from audit.errors import DomainError
from audit.models import Entry
from members.errors.codes import UnknownCode
from members.errors.plans import NoRulesInForce
from members.models import HealthStatement, Membership, User
from tests.adjudication.making import (
    ENTRY_OF_A_DECISION,
    claim_facts,
    days_ago,
    investigated_claim,
    kinds,
    make_claim,
    taken,
)
from tests.bent import bend
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user, make_version_from, plan_file
from tests.moving import set_clock


def test_a_claim_is_filed_checked_and_put_on_the_worklist(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    claim = Claim.objects.get(pk=claim.pk)
    assert claim.status == "submitted"
    assert claim.plan_version == cast.version
    assert claim.filed_by == cast.member
    assert claim.hospital == "Ruijin Hospital"
    assert claim.due_at is not None
    assert (claim.due_at - claim.submitted_at).days == cast.version.rules.claims.investigation_days
    check = claim.eligibility_checks.get()
    assert check.occasion == "submitted"
    assert check.trace["rules_digest"] == cast.version.digest
    assert {finding["clause"]: finding["result"] for finding in check.trace["findings"]}["condition_covered"] == "met"
    investigation = claim.investigations.get()
    assert (investigation.status, investigation.round) == ("waiting", 1)
    assert investigation.duties.count() == 5
    assert kinds(claim) == ["claim.submitted", "eligibility.checked", "investigation.opened"]


def test_the_reference_names_the_year_and_says_nothing_else(cast: Cast) -> None:
    filed_at = clock.now()
    claim = make_claim(cast.membership, cast.member, submitted_at=filed_at)
    year = filed_at.astimezone(dt.timezone(dt.timedelta(hours=8))).year % 100
    assert re.fullmatch(rf"C{year:02}-[0-9A-HJKMNP-TV-Z]{{6}}", claim.ref)


def test_no_entry_holds_what_the_member_wrote(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member, hospital="Secret Hospital", account="Secret story")
    written = str(list(Entry.objects.filter(stream=claim.stream).values_list("body", flat=True)))
    assert "Secret" not in written
    assert cast.membership.person.name not in written


def test_an_earlier_diagnosis_is_judged_by_the_version_of_its_day(cast: Cast) -> None:
    older = make_version_from(plan_file("xhb-2019-01-01"))
    long_ago = dt.datetime(2019, 1, 2, tzinfo=dt.UTC)
    member = make_user()
    membership = make_membership(cast.plan, make_person(user=member), joined_at=long_ago)
    claim = make_claim(membership, member, first_diagnosed_on=dt.date(2019, 12, 31))
    assert claim.plan_version == older


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"first_diagnosed_on": lambda: days_ago(-2)}, DiagnosisInFuture),
        ({"first_diagnosed_on": dt.date(1980, 1, 1)}, DiagnosisBeforeBirth),
        ({"first_diagnosed_on": lambda: days_ago(900)}, DiagnosedBeforeJoining),
        ({"suspected_on": lambda: days_ago(39)}, SuspicionImpossible),
        ({"suspected_on": dt.date(1980, 1, 1)}, SuspicionImpossible),
        ({"icd10": "C99.9"}, UnknownCode),
        ({"icd10": "breast"}, UnknownCode),
        ({"severity": "fatal"}, SeverityUnknown),
        ({"hospital": "   "}, HospitalMissing),
        ({"hospital": "x" * 201}, TextTooLong),
        ({"account": "x" * 5001}, TextTooLong),
    ],
)
def test_an_impossible_claim_is_refused_and_nothing_is_written(
    cast: Cast, changed: dict[str, object], refusal: type[DomainError]
) -> None:
    facts = {name: value() if callable(value) else value for name, value in changed.items()}
    before = Entry.objects.count()
    with pytest.raises(refusal):
        make_claim(cast.membership, cast.member, **facts)
    assert not Claim.objects.exists()
    assert Entry.objects.count() == before


@pytest.mark.parametrize("days", [0, 1])
def test_the_days_of_joining_and_leaving_belong_to_the_membership(cast: Cast, days: int) -> None:
    membership = cast.membership
    joined_on = timezone.localdate(membership.joined_at)
    left_at = membership.joined_at + dt.timedelta(days=days, hours=1)
    Membership.objects.filter(pk=membership.pk).update(left_at=left_at, end_reason="left")
    on = joined_on + dt.timedelta(days=days)
    assert make_claim(membership, cast.member, first_diagnosed_on=on).pk


def test_the_day_after_leaving_is_outside(cast: Cast) -> None:
    membership = cast.membership
    left_at = membership.joined_at + dt.timedelta(days=10)
    Membership.objects.filter(pk=membership.pk).update(left_at=left_at, end_reason="left")
    with pytest.raises(DiagnosedOutsideMembership, match="ended"):
        make_claim(membership, cast.member, first_diagnosed_on=timezone.localdate(left_at) + dt.timedelta(days=1))


def test_a_plan_without_rules_on_that_day_takes_no_claim(cast: Cast) -> None:
    early = dt.datetime(2019, 6, 1, tzinfo=dt.UTC)
    member = make_user()
    membership = make_membership(cast.plan, make_person(user=member), joined_at=early)
    with pytest.raises(NoRulesInForce):
        make_claim(membership, member, first_diagnosed_on=dt.date(2019, 7, 1))


def test_a_payer_claims_for_family_and_a_stranger_does_not(cast: Cast) -> None:
    child = make_membership(cast.plan, make_person("Wang Le", dt.date(2015, 1, 1), payer=cast.membership.person))
    assert make_claim(child, cast.member).filed_by == cast.member
    for stranger in (cast.outsider, cast.investigator, cast.auditor, cast.professional):
        with pytest.raises(NotYourClaim):
            make_claim(cast.membership, stranger)


def test_staff_and_imports_file_for_a_member(cast: Cast) -> None:
    claim = submit_claim(**claim_facts(cast.membership), by=SYSTEM, import_key="file:1")
    assert (claim.filed_by, claim.import_key) == (None, "file:1")
    other = make_membership(cast.plan)
    assert make_claim(other, cast.reviewer).filed_by == cast.reviewer


def test_a_second_claim_waits_for_the_first(cast: Cast) -> None:
    first = make_claim(cast.membership, cast.member)
    with pytest.raises(ClaimAlreadyOpen, match=first.ref):
        make_claim(cast.membership, cast.member)
    withdraw_claim(claim_ref=first.ref, by=cast.member)
    assert make_claim(cast.membership, cast.member).ref != first.ref


def test_a_failed_clause_warns(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member, icd10="J00")
    assert claim.status == "submitted"
    assert claim.eligibility_checks.get().outcome == "not_eligible"
    assert not claim.decisions.exists()


def test_a_failed_clause_rejects_where_the_plan_says_so(db: None) -> None:
    source = plan_file("xhb-2020-01-01").replace("failed_clause_rejects = false", "failed_clause_rejects = true")
    version = make_version_from(source)
    member = make_user()
    membership = make_membership(version.plan, make_person(user=member))
    HealthStatement.objects.create(
        membership=membership, plan_version=version, answers={}, signed_at=membership.joined_at
    )
    claim = Claim.objects.get(pk=make_claim(membership, member, icd10="J00").pk)
    assert claim.status == "rejected"
    assert claim.due_at is None
    assert not claim.investigations.exists()
    decision = claim.decisions.get()
    assert decision.outcome == Decision.Outcome.REJECTED
    assert decision.reason_codes == ["condition_covered"]
    assert decision.basis == {"rule": "failed_clause", "clauses": ["condition_covered"]}
    assert decision.decided_by is None
    assert kinds(claim) == ["claim.submitted", "eligibility.checked", "decision.issued"]
    assert set(Entry.objects.get(kind="decision.issued").body) == ENTRY_OF_A_DECISION
    # The clause that is not met is the only thing that rejects: the same plan lets an eligible one through.
    second = make_membership(version.plan, make_person("Li Lei"))
    assert make_claim(second, make_user(None, "reviewer")).status == "submitted"


def test_withdrawing_ends_the_investigation(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    withdraw_claim(claim_ref=claim.ref, by=cast.member)
    assert Claim.objects.get(pk=claim.pk).status == "withdrawn"
    assert type(investigation).objects.get(pk=investigation.pk).status == "abandoned"
    assert kinds(claim)[-2:] == ["investigation.abandoned", "claim.withdrawn"]


def test_only_the_claimants_side_withdraws(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    for stranger in (cast.outsider, cast.investigator, cast.reviewer):
        with pytest.raises(NotYourClaim):
            withdraw_claim(claim_ref=claim.ref, by=stranger)
    with pytest.raises(ClaimUnknown):
        withdraw_claim(claim_ref="C00-000000", by=cast.member)
    assert Claim.objects.get(pk=claim.pk).status == "submitted"


def test_a_withdrawn_claim_is_not_withdrawn_twice(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    withdraw_claim(claim_ref=claim.ref, by=cast.member)
    with pytest.raises(ClaimNotWithdrawable):
        withdraw_claim(claim_ref=claim.ref, by=cast.member)
    assert kinds(claim).count("claim.withdrawn") == 1


def test_an_approved_claim_is_settled_once(cast: Cast) -> None:
    claim = investigated_claim(cast)
    with pytest.raises(ClaimNotApproved):
        settle_claim(claim_id=claim.pk, by=SYSTEM)
    claim.approve_uncontested()
    claim.amount_minor = 30_000_000
    bend(claim)
    for _ in range(2):
        assert settle_claim(claim_id=claim.pk, by=SYSTEM).status == "paid"
    assert kinds(claim).count("claim.settled") == 1


def test_a_word_needs_a_draw_that_waits_for_it(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    with pytest.raises(NoNonceAwaited):
        give_nonce(claim_ref=claim.ref, nonce="sesame", by=cast.member)
    with pytest.raises(NotYourClaim):
        give_nonce(claim_ref=claim.ref, nonce="sesame", by=cast.outsider)


@pytest.mark.django_db(transaction=True)
def test_two_submissions_at_once_file_one_claim(cast: Cast) -> None:
    results: list[object] = []

    def submit(by: User) -> None:
        try:
            results.append(make_claim(cast.membership, by).ref)
        except DomainError as error:
            results.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=submit, args=(by,)) for by in (cast.member, cast.reviewer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Claim.objects.count() == 1
    assert ClaimAlreadyOpen in results
    assert Claim.objects.get().ref in results


@pytest.mark.django_db(transaction=True)
def test_the_constraint_refuses_what_the_earlier_check_did_not_see(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_claim(cast.membership, cast.member)
    monkeypatch.setattr("adjudication.services.claim_checks.check_free", lambda membership: None)
    with pytest.raises(ClaimAlreadyOpen, match=first.ref), transaction.atomic():
        make_claim(cast.membership, cast.member)
    assert Claim.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_waited_for_another_is_filed_when_its_turn_comes() -> None:
    """The clock is read after the lock: while somebody else held it, midnight may have passed."""
    membership = make_membership()
    later = clock.now() + dt.timedelta(hours=30)
    filed: list[Claim] = []

    def file() -> None:
        try:
            filed.append(make_claim(membership, make_user(None, "reviewer")))
        finally:
            connection.close()

    thread = threading.Thread(target=file)
    with transaction.atomic():
        Membership.objects.select_for_update().get(pk=membership.pk)
        thread.start()
        _wait_until_somebody_waits()
        set_clock(later)
    thread.join(timeout=30)

    assert [claim.submitted_at for claim in filed] == [later]


def _wait_until_somebody_waits() -> None:
    for _each in range(300):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.1)
    pytest.fail("nobody waits for the lock")
