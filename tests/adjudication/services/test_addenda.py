"""What is found while a jury votes: an addendum to its frozen file, more time once, and nothing changed by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from adjudication.errors.addenda import AddendumEmpty, NothingForJurors, NotYourAddendum
from adjudication.errors.findings import LateFindingWaits, NoLateFinding
from adjudication.errors.investigations import NamesInSummary
from adjudication.selectors.readable_files import readable_file
from adjudication.services.addenda import release_addendum
from adjudication.services.advancing import advance_claim
from adjudication.services.findings import dismiss_late_findings, order_another_look
from audit.models import Entry
from jury.errors.addenda import AddendumAlreadyReleased
from jury.errors.panels import PanelClosed
from jury.models import Addendum, Panel
from jury.selectors.panels import panel_is_due, panels_due
from members.models import Message
from tests.adjudication.making import found as find
from tests.adjudication.making import record_all, signed, taken
from tests.adjudication.trials import Trial, at_vote, juror_of, make_trial, vote
from tests.moving import move_clock, set_clock

pytestmark = pytest.mark.django_db
TEXT = "The pathology of another hospital came in: it names an early stage."


def with_late_finding(**facts: Any) -> Trial:
    trial = at_vote(**facts)
    find(trial.claim.investigations.get(), "severity", "mild", jury_note="Stage I by pathology.")
    return trial


def released(trial: Trial, text: str = TEXT) -> Addendum:
    return release_addendum(claim_ref=trial.claim.ref, text=text, by=trial.cast.investigator)


def test_it_extends_the_close_by_the_plan_s_hours_and_leaves_the_file_as_it_was() -> None:
    trial = with_late_finding()
    before = trial.panel
    addendum = released(trial)
    after = Panel.objects.get(pk=before.pk)
    assert before.closes_at is not None
    assert after.closes_at == before.closes_at + dt.timedelta(hours=24) == addendum.closes_at
    assert (after.case_file, after.file_digest) == (before.case_file, before.file_digest)
    assert addendum.content["facts"] == [
        {
            "fact": "severity",
            "stated": "severe",
            "value": "mild",
            "standing": "found",
            "source": "report",
            "confidence": "certain",
            "note": "Stage I by pathology.",
        }
    ]
    entry = Entry.objects.get(kind="panel.addendum")
    assert entry.body["digest"] == addendum.digest
    assert trial.reload().due_at == addendum.closes_at


def test_every_juror_and_the_applicant_are_told() -> None:
    trial = with_late_finding()
    released(trial)
    assert Message.objects.filter(kind="jury.addendum").count() == 3
    assert Message.objects.filter(kind="adjudication.addendum").count() == 1


def test_a_ballot_cast_before_counts_and_does_not_close_the_vote_early() -> None:
    trial = with_late_finding()
    for seat in trial.seats[:2]:
        vote(seat, "support")
    released(trial)
    vote(trial.seats[2], "support")
    panel = trial.panel
    assert panel.closes_at is not None
    assert not panel_is_due(panel, panel.drawn_at or panel.closes_at), "two have not voted since it came"
    assert panel.pk not in panels_due(panel.drawn_at or panel.closes_at)
    assert trial.advance() == "jury_review"
    set_clock(panel.closes_at)
    trial.advance()
    panel = trial.panel
    assert (panel.status, panel.support_count, panel.verdict) == ("closed", 3, "support")


def test_once_everybody_has_voted_on_it_the_vote_closes() -> None:
    trial = with_late_finding()
    for seat in trial.seats[:2]:
        vote(seat, "support")
    released(trial)
    move_clock(seconds=1)
    trial.vote("sss")
    assert trial.panel.status == "closed"


def test_the_amount_does_not_follow_and_the_decision_waits_for_a_reviewer() -> None:
    trial = with_late_finding()
    released(trial)
    trial.vote("sss")
    while trial.claim.status == "second_opinion":
        trial.opine("yes")
    with pytest.raises(LateFindingWaits):
        trial.issue("evidence_convincing")
    dismiss_late_findings(claim_ref=trial.claim.ref, reason="The jury read it.", by=trial.cast.other_reviewer)
    decision = trial.issue("evidence_convincing")
    assert decision.amount_minor == trial.panel.case_file["aid_minor"], "the amount of the frozen file"


def test_there_is_one_a_vote() -> None:
    trial = with_late_finding()
    released(trial)
    find(trial.claim.investigations.get(), "cause", "accident")
    with pytest.raises(AddendumAlreadyReleased):
        released(trial, "And an accident.")
    assert Addendum.objects.count() == 1


def test_who_may_and_when() -> None:
    trial = with_late_finding()
    for user in (trial.cast.member, trial.cast.other_investigator, juror_of(trial.seats[0])):
        with pytest.raises(NotYourAddendum):
            release_addendum(claim_ref=trial.claim.ref, text=TEXT, by=user)
    with pytest.raises(AddendumEmpty):
        released(trial, "  ")
    with pytest.raises(NamesInSummary):
        released(trial, "Zhao Claimant has an early stage.")
    release_addendum(claim_ref=trial.claim.ref, text=TEXT, by=trial.cast.reviewer)


def test_without_a_vote_there_is_none() -> None:
    trial = make_trial(jurors=3)
    find(trial.claim.investigations.get(), "severity", "mild")
    with pytest.raises(NothingForJurors):
        released(trial)


def test_nothing_found_is_nothing_to_release() -> None:
    with pytest.raises(NoLateFinding):
        released(at_vote())


def test_after_the_close_it_is_too_late() -> None:
    trial = with_late_finding()
    assert trial.panel.closes_at is not None
    set_clock(trial.panel.closes_at)
    with pytest.raises(PanelClosed):
        released(trial)


def test_the_database_keeps_it_and_takes_none_outside_a_vote() -> None:
    trial = with_late_finding()
    addendum = released(trial)
    with pytest.raises(DatabaseError), transaction.atomic():
        Addendum.objects.filter(pk=addendum.pk).update(digest="")
    with pytest.raises(DatabaseError), transaction.atomic():
        Panel.objects.filter(pk=trial.panel.pk).update(addendum_at=None)
    trial.vote("sss")
    with pytest.raises(DatabaseError, match="belongs to a vote"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jury_addendum (panel_id, content, digest, released_at, would_close_at, closes_at)"
            " SELECT panel_id, content, digest, released_at, would_close_at, closes_at FROM jury_addendum"
        )


def test_jurors_see_it_marked_as_new_and_whether_they_voted_before(client: Client) -> None:
    trial = with_late_finding()
    early, late = trial.seats[:2]
    vote(early, "support")
    released(trial)
    for seat, is_news in ((early, True), (late, False)):
        client.force_login(juror_of(seat))
        page = client.get(reverse("seat_detail", args=[seat.pk])).content.decode()
        assert "Stage I by pathology." in page
        assert ("Something is new since you voted" in page) is is_news
        assert ("New in the file" in client.get(reverse("seat_list")).content.decode()) is is_news
        assert TEXT in client.get(reverse("ballot_cast", args=[seat.pk])).content.decode()
        assert client.get(reverse("api-seat-detail", args=[seat.pk])).json()["addendum"]["text"] == TEXT
    move_clock(seconds=1)
    vote(early, "against", replaces=1)
    client.force_login(juror_of(early))
    assert "Something is new" not in client.get(reverse("seat_detail", args=[early.pk])).content.decode()


def test_doctors_read_it_too(client: Client) -> None:
    trial = with_late_finding()
    released(trial)
    assert trial.vote("sss", is_medical_question=True) == "second_opinion"
    opinion = trial.request.opinions.first()
    assert opinion is not None
    client.force_login(opinion.professional)
    assert "Stage I by pathology." in client.get(reverse("opinion_detail", args=[opinion.pk])).content.decode()
    assert client.get(reverse("api-opinion-detail", args=[opinion.pk])).json()["addendum"]["text"] == TEXT


@pytest.mark.parametrize("role", ["investigator", "reviewer"])
def test_its_page_releases_it_and_keeps_what_was_typed(client: Client, role: str) -> None:
    trial = with_late_finding()
    client.force_login(getattr(trial.cast, role))
    is_theirs = role == "investigator"
    argument: Any = trial.claim.investigations.get().pk if is_theirs else trial.claim.ref
    address = reverse("investigation_addendum" if is_theirs else "board_addendum", args=[argument])
    came_from = reverse("investigation_detail" if is_theirs else "board_claim", args=[argument])
    assert address in client.get(came_from).content.decode()
    refused = client.post(address, {"text": "Zhao Claimant is ill."})
    assert refused.status_code == 409
    assert "Zhao Claimant is ill." in refused.content.decode()
    assert client.post(address, {"text": TEXT}).headers["Location"] == came_from
    page = client.get(address).content.decode()
    assert TEXT in page
    assert "<textarea" not in page
    assert address not in client.get(came_from).content.decode()


def test_the_same_over_the_api(client: Client) -> None:
    trial = with_late_finding()
    address = reverse("api-claim-addendum", args=[trial.claim.ref])
    client.force_login(trial.cast.member)
    assert client.post(address, {"text": TEXT}, content_type="application/json").status_code == 403
    client.force_login(trial.cast.reviewer)
    assert client.post(address, {"text": TEXT}, content_type="application/json").status_code == 200
    again = client.post(address, {"text": TEXT}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "AddendumAlreadyReleased")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gives or raises when all begin together, each on a connection of its own."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_the_close_and_the_addendum_at_once_never_deadlock_and_never_both() -> None:
    """Every ballot is in, so that the close is due: either it comes first, or the addendum keeps the vote open."""
    trial = with_late_finding()
    for seat in trial.seats:
        vote(seat, "support")
    close, release = at_once(lambda: advance_claim(claim_id=trial.claim.pk), lambda: released(trial))
    panel = trial.panel
    assert not isinstance(close, Exception)
    if isinstance(release, Addendum):
        assert (panel.status, panel.addendum_at) == ("open", release.released_at)
    else:
        assert isinstance(release, NothingForJurors | PanelClosed) or type(release).__name__ == "PanelNotOpen"
        assert (panel.status, panel.addendum_at) == ("closed", None)


@pytest.mark.django_db(transaction=True)
def test_two_who_release_at_once_give_one_addendum() -> None:
    trial = with_late_finding()
    cast = trial.cast
    ref = trial.claim.ref
    done = at_once(
        lambda: release_addendum(claim_ref=ref, text=TEXT, by=cast.investigator),
        lambda: release_addendum(claim_ref=ref, text=TEXT, by=cast.reviewer),
    )
    assert sorted(type(one).__name__ for one in done) == ["Addendum", "AddendumAlreadyReleased"]
    assert Entry.objects.filter(kind="panel.addendum").count() == 1


def test_the_next_jury_has_it_from_the_beginning(client: Client) -> None:
    trial = make_trial(jurors=11)
    trial.draw()
    find(trial.claim.investigations.get(), "severity", "mild", jury_note="Stage I by pathology.")
    content = released(trial).content
    trial.vote("ssa")
    dismiss_late_findings(
        claim_ref=trial.claim.ref, reason="The report of the first hospital stands.", by=trial.cast.reviewer
    )
    assert trial.opine("no") == "jury_review"
    panel = trial.hearing.panel
    [earlier] = panel.case_file["addenda"]
    dismissed = {"kind": "dismissed", "on": "2026-03-11"}
    assert earlier == {"round": 1, **content, "facts": [content["facts"][0] | {"since": [dismissed]}]}
    assert Panel.objects.get(round=1).case_file["addenda"] == []
    move_clock(hours=2)
    trial.advance()
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    page = client.get(reverse("seat_detail", args=[seat.pk])).content.decode()
    assert "Given to the jurors of round 1 while they voted" in page
    assert TEXT in page
    assert "Stage I by pathology." in page
    assert client.get(reverse("api-seat-detail", args=[seat.pk])).json()["case_file"]["addenda"][0]["text"] == TEXT


def test_the_next_jury_reads_that_a_finding_was_withdrawn_or_replaced_since(client: Client) -> None:
    trial = make_trial(jurors=11)
    trial.draw()
    first = trial.claim.investigations.get()
    find(first, "severity", "mild", jury_note="Stage I by pathology.")
    find(first, "cause", "accident")
    find(first, "identity_proved", "yes")
    released(trial)
    trial.vote("ssa")
    order_another_look_at(trial)
    second = taken(trial.claim, trial.cast.investigator)
    move_clock(days=1)
    find(second, "severity", standing="withdrawn")
    find(second, "cause", "illness")
    record_all(second, trial.cast.investigator)
    signed(second, trial.cast.investigator)
    trial.advance()
    [earlier] = trial.hearing.panel.case_file["addenda"]
    assert {fact["fact"]: fact["since"] for fact in earlier["facts"]} == {
        "severity": [{"kind": "withdrawn", "on": "2026-03-12"}],
        "cause": [{"kind": "replaced", "on": "2026-03-12", "standing": "found", "value": "illness"}],
        "identity_proved": [],
    }
    move_clock(hours=2)
    trial.advance()
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    page = client.get(reverse("seat_detail", args=[seat.pk])).content.decode()
    assert "It was withdrawn on 12 March 2026 and no longer counts." in page
    assert "It was replaced on 12 March 2026: No accident." in page
    assert page.count("Since then:") == 2
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    page = client.get(reverse("seat_detail", args=[seat.pk])).content.decode()
    assert "已于2026年3月12日更正为：非意外。" in page
    assert "已于2026年3月12日撤回" in page


def test_what_took_the_place_of_a_finding_can_be_dismissed_itself() -> None:
    trial = make_trial(jurors=11)
    trial.draw()
    first = trial.claim.investigations.get()
    find(first, "severity", "mild")
    released(trial)
    move_clock(days=1)
    find(first, "severity")
    trial.vote("ssa")
    move_clock(days=1)
    dismiss_late_findings(claim_ref=trial.claim.ref, reason="Zhao Claimant said so.", by=trial.cast.reviewer)
    trial.opine("no")
    [earlier] = trial.hearing.panel.case_file["addenda"]
    assert [fact["since"] for fact in earlier["facts"]] == [
        [
            {"kind": "replaced", "on": "2026-03-12", "standing": "not_proven", "value": ""},
            {"kind": "dismissed", "on": "2026-03-13"},
        ]
    ]
    assert "Zhao" not in str(trial.hearing.panel.case_file), "the reason is not for jurors"
    [shown] = readable_file(trial.hearing.panel.case_file, trial.version.rules).addenda
    assert [str(one.says) for one in shown.facts[0].since] == ["Not proven", ""]


def order_another_look_at(trial: Trial) -> None:
    if trial.claim.status == "second_opinion":
        trial.opine("yes")
    order_another_look(claim_ref=trial.claim.ref, reason="The pathology says otherwise.", by=trial.cast.reviewer)
    trial.reload()
