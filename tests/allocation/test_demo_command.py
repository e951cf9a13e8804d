"""The demonstration: every role has a log-in and something to look at, through the real services."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from adjudication.models import Answer, Claim
from allocation.demo.loading import CRAFTS_JURORS, FEWEST_MEMBERS, last_charged_notice
from allocation.models import Arrear, Period, Refund
from allocation.services.arrears import pay_arrears
from audit import clock
from audit.models import Entry
from jury.models import Juror, OpinionRequest, Panel, Seat
from members.demo import LOGINS, PASSWORD, is_demonstration
from members.models import Delivery, Membership, Plan, PlanVersion, User
from members.rules.plans import parse_plan
from members.selectors.inbox import inbox_of
from members.selectors.moves import move_options
from tests.factories import make_user, plan_file, revised

CRAFTS = "craft-berlin"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _files_go_elsewhere(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.django_db
def test_too_few_members_are_refused() -> None:
    with pytest.raises(CommandError, match="too few"):
        run("--members", str(FEWEST_MEMBERS - 1))
    assert not Plan.objects.exists()


@pytest.mark.django_db
def test_every_state_has_its_claim_and_every_role_its_page(settings: Settings, tmp_path: Path) -> None:
    assert "Demonstration loaded" in run("--members", str(FEWEST_MEMBERS))
    assert is_demonstration()
    assert PlanVersion.objects.count() == 5 + 1  # and the plan of another kind
    mutual, crafts = Membership.objects.exclude(plan__code=CRAFTS), Membership.objects.filter(plan__code=CRAFTS)
    assert mutual.count() == FEWEST_MEMBERS + 1  # and somebody who can move to another plan
    assert crafts.count() == CRAFTS_JURORS + 1  # and the log-in `member`
    assert Juror.objects.filter(lapsed_at=None).count() == 40 + CRAFTS_JURORS
    assert sorted(Claim.objects.values_list("status", flat=True)) == [
        "approved",
        "investigated",
        "jury_review",
        "paid",
        "paid",
        "rejected",
        "rejected",
        "second_opinion",
        "submitted",
        "under_investigation",
    ]
    assert Answer.objects.get().status == "asked"
    for login in LOGINS:
        unread = [not item.is_read for item in inbox_of(User.objects.get(email=login.email))]
        assert unread == [True] * min(len(unread), 3) + [False] * (len(unread) - 3), login.email
        assert unread, login.email
    assert Delivery.objects.get(status="bounced").fault == "5.1.1"
    _check_what_each_log_in_finds()
    period = Period.objects.get()
    assert period.status == "settled"
    assert period.aid_minor + period.fee_minor == period.billed_minor + period.case_cap_excess_minor
    assert Membership.objects.filter(end_reason="aided").count() == 2
    _check_the_exceptions()
    _check_who_can_move()
    _check_that_a_second_time_changes_nothing()
    _check_that_every_log_in_lands_on_its_page()
    settings.PLAN_FILES = _with_a_correction(Path(settings.PLAN_FILES), tmp_path / "corrected")
    _check_that_a_corrected_file_is_said_once()
    _check_that_a_file_corrected_without_a_revision_asks_to_start_over(settings.PLAN_FILES)


def _with_a_correction(shipped: Path, folder: Path) -> Path:
    """The files of a later release, which corrects one of them."""
    shutil.copytree(shipped, folder)
    path = folder / "xhb-2020-01-01.toml"
    corrected = path.read_text(encoding="utf-8").replace('fee = "8 %"', 'fee = "9 %"')
    path.write_text(revised(corrected, 4), encoding="utf-8")
    return folder


def _check_that_a_corrected_file_is_said_once() -> None:
    assert "xhb 2020-01-01: was published already as revision 3 and stays as it is; revision 4" in run()
    assert "2020-01-01" not in run()
    assert PlanVersion.objects.get(plan__code="xhb", label="2020-01-01").rules.fee_bp == 800
    assert Entry.objects.filter(kind="plan_version.kept").count() == 1


def _check_that_a_file_corrected_without_a_revision_asks_to_start_over(folder: Path) -> None:
    path = folder / "xhb-2020-01-01.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("\nrevision = 4\n", "\nrevision = 3\n"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"write “revision = 4” in it.* starts over: make reset"):
        run()


def _check_what_each_log_in_finds() -> None:
    users = {login.email.partition("@")[0]: User.objects.get(email=login.email) for login in LOGINS}
    assert all(user.check_password(PASSWORD) for user in users.values())
    seat = Seat.objects.get(juror__person__user=users["juror"], panel__status=Panel.Status.OPEN)
    assert seat.status == Seat.Status.SUMMONED
    assert seat.last_sequence == 0
    assert seat.panel.nonce != ""  # drawn with the applicant's word
    assert Claim.objects.get(status="jury_review").filed_by == users["member"]
    assert Claim.objects.get(status="approved").membership.person.payer == users["member"].person  # type: ignore[attr-defined]
    request = OpinionRequest.objects.get(status="open")
    assert set(request.opinions.values_list("professional__email", flat=True)) == {
        "professional@demo.example",
        "professional2@demo.example",
        "professional3@demo.example",
    }
    taken = Claim.objects.get(status="under_investigation").investigations.get()
    assert taken.investigator == users["investigator"]
    assert taken.duties.exclude(recorded_at=None).count() == 2


def _check_the_exceptions() -> None:
    """One member is in grace and can pay; one was ill inside the wait and is refunded, now or after the next charge."""
    arrear = Arrear.objects.get()
    member = User.objects.get(email="member@demo.example")
    assert (arrear.status, arrear.membership.person.payer) == ("owed", member.person)  # type: ignore[attr-defined]
    assert arrear.grace_ends_at > clock.now()
    refund = Refund.objects.get()
    assert refund.status in {"opened", "settled"}
    assert refund.membership.end_reason == "ill_in_wait"
    assert refund.amount_minor != 0
    [paid] = pay_arrears(membership_id=arrear.membership_id, by=member)
    assert paid.status == "settled"


def _check_who_can_move() -> None:
    """The member pays for a child, who can't, and for somebody who has turned 60, who can."""
    member = User.objects.get(email="member@demo.example")
    options = {
        (one.person.name, option.plan.code): option.is_possible
        for one in Membership.objects.filter(person__payer__user=member).select_related("plan", "person")
        for option in move_options(one, clock.now())
    }
    assert sorted(options.values()) == [False, True]
    assert options["何秀兰", "xhb-senior"]


def _check_that_a_second_time_changes_nothing() -> None:
    before = (Entry.objects.count(), User.objects.count(), Claim.objects.count())
    assert "already" in run()
    printed = run("--print-logins")
    assert all(login.email in printed and login.landing_path in printed for login in LOGINS)
    assert PASSWORD in printed
    assert (Entry.objects.count(), User.objects.count(), Claim.objects.count()) == before


def _check_that_every_log_in_lands_on_its_page() -> None:
    for login in LOGINS:
        client = Client()
        assert client.post("/accounts/login/", {"login": login.email, "password": login.password}).status_code == 302
        assert client.get(login.landing_path).status_code == 200, login


@pytest.mark.django_db
def test_real_people_are_never_mixed_with_invented_ones() -> None:
    make_user()
    with pytest.raises(CommandError, match="not a demonstration"):
        run()
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("today", "notice_on"),
    [
        (dt.date(2026, 11, 13), dt.date(2026, 10, 21)),
        (dt.date(2026, 11, 14), dt.date(2026, 11, 7)),
        (dt.date(2026, 11, 28), dt.date(2026, 11, 21)),
        (dt.date(2026, 1, 3), dt.date(2025, 12, 21)),
    ],
)
def test_the_charged_period_is_the_last_whose_charge_day_has_come(today: dt.date, notice_on: dt.date) -> None:
    rules = parse_plan(plan_file("xhb-2020-01-01"), "xhb-2020-01-01")
    assert last_charged_notice(rules, today) == notice_on
