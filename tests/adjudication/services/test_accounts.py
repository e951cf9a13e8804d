"""The applicant's own account: written until the freeze, accepted without names, read by jurors beside the findings."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from adjudication.errors.accounts import (
    AccountEmpty,
    AccountNamesSomebody,
    AccountRewritten,
    AccountTooLate,
    AccountUnread,
)
from adjudication.errors.claims import NotYourClaim, TextTooLong
from adjudication.models import Account, Claim, Investigation
from adjudication.selectors.accounts import proposed_account
from adjudication.services.accounts import write_account
from adjudication.services.drafts import save_step, send_draft, start_draft
from adjudication.services.findings import add_remark
from adjudication.services.investigations import return_report
from audit.models import Entry
from members.models import Message
from tests.adjudication.making import days_ago, kinds, make_claim, record_all, signed, taken
from tests.adjudication.trials import Trial, juror_of, make_trial, small_cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db
SAID = "I am Zhao Claimant, tel. 13911112222. Dr. Qian of Ruijin Hospital found the lump in my left breast."
READ = "I am [the member], tel. [a number]. [the doctor] of [the hospital] found the lump in my left breast."


@pytest.fixture
def claim(cast: Cast) -> Claim:
    return make_claim(cast.membership, cast.member)


def with_account(**changed: Any) -> Trial:
    """A trial whose applicant wrote for the jury while filing; the report was signed with what was proposed."""
    return make_trial(small_cast(), account=SAID, is_for_jury=True, report={"jury_account": READ} | changed)


def ready(claim: Claim, cast: Cast) -> Investigation:
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    return investigation


def test_what_happened_goes_to_the_jury_only_where_the_applicant_wants_it(cast: Cast, claim: Claim) -> None:
    assert claim.account
    assert proposed_account(claim) is None
    investigation = signed(ready(claim, cast), cast.investigator)
    assert (investigation.account, investigation.jury_account) == (None, "")
    assert all("account" not in entry for entry in investigation.manifest)


def test_an_account_is_kept_as_written_and_proposed_without_names() -> None:
    cast = small_cast()
    claim = make_claim(cast.membership, cast.member, account=SAID, is_for_jury=True)
    proposed = proposed_account(claim)
    assert proposed is not None
    assert (proposed.account.text, proposed.masked) == (SAID, READ)
    entry = Entry.objects.get(kind="account.written")
    digest = hashlib.sha256(bytes.fromhex(proposed.account.salt) + SAID.encode()).hexdigest()
    assert entry.body == {"account": proposed.account.pk, "replaces": None, "digest": digest}


def test_it_is_written_again_until_the_signature_and_again_in_a_further_round(cast: Cast, claim: Claim) -> None:
    first = write_account(claim_ref=claim.ref, text=" A lump.\r\nIt grew. ", by=cast.member)
    investigation = ready(claim, cast)
    second = write_account(claim_ref=claim.ref, text="It grew fast.", by=cast.member)
    assert (first.text, second.text) == ("A lump.\nIt grew.", "It grew fast.")
    assert Entry.objects.filter(kind="account.written").latest("pk").body["replaces"] == first.pk
    told = Message.objects.filter(kind="adjudication.account_investigation")
    assert [one.to_user for one in told] == [cast.investigator], "only the second one came while somebody had the claim"
    signed(investigation, cast.investigator, jury_account="It grew fast.")
    with pytest.raises(AccountTooLate):
        write_account(claim_ref=claim.ref, text="More.", by=cast.member)
    return_report(claim_ref=claim.ref, reason="A duty is missing.", by=cast.reviewer)
    write_account(claim_ref=claim.ref, text="More.", by=cast.member)
    assert claim.accounts.count() == 3


def test_nobody_else_writes_it_and_it_has_its_bounds(cast: Cast, claim: Claim) -> None:
    for user in (cast.investigator, cast.reviewer, cast.outsider):
        with pytest.raises(NotYourClaim):
            write_account(claim_ref=claim.ref, text="A lump.", by=user)
    with pytest.raises(AccountEmpty):
        write_account(claim_ref=claim.ref, text=" \n", by=cast.member)
    with pytest.raises(TextTooLong):
        write_account(claim_ref=claim.ref, text="a" * 5001, by=cast.member)
    assert "account.written" not in kinds(claim)


def test_the_database_takes_no_account_after_the_freeze_and_changes_none(cast: Cast, claim: Claim) -> None:
    account = write_account(claim_ref=claim.ref, text="A lump.", by=cast.member)
    investigation = signed(ready(claim, cast), cast.investigator, jury_account="A lump.")
    with pytest.raises(DatabaseError, match="no account is written"), transaction.atomic():
        Account.objects.create(
            claim=claim, text="More.", written_by=cast.member, written_at=account.written_at, salt=account.salt
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(salt="")
    with pytest.raises(DatabaseError), transaction.atomic():
        Investigation.objects.filter(pk=investigation.pk).update(jury_account="Something else.")


@pytest.mark.parametrize(
    ("masked", "refused"),
    [
        (None, AccountUnread),
        ("  ", AccountUnread),
        (READ.replace("left breast", "right breast"), AccountRewritten),
        (READ.replace("[the member]", "Zhao Claimant"), AccountNamesSomebody),
        (READ.replace("[a number]", "13911112222"), AccountNamesSomebody),
        ("I lied.", AccountRewritten),
    ],
)
def test_nothing_else_than_the_account_without_names_is_frozen(masked: str | None, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        with_account(jury_account=masked)
    assert not Investigation.objects.filter(status="signed").exists()


def test_the_investigator_can_leave_out_more() -> None:
    trial = with_account(jury_account=READ.replace("in my left breast", "[left out]"))
    assert trial.claim.investigations.get().jury_account.endswith("found the lump [left out].")


def test_it_is_encrypted_in_every_row_and_bound_by_manifest_and_case_file() -> None:
    trial = with_account()
    trial.draw()
    investigation = trial.claim.investigations.get()
    account = trial.claim.accounts.get()
    digest = hashlib.sha256(bytes.fromhex(account.salt) + READ.encode()).hexdigest()
    assert investigation.manifest == [{"account": account.pk, "digest": digest}]
    assert investigation.files_frozen == 0
    assert trial.panel.case_file["account"] == {"investigation": investigation.pk, "digest": digest}
    with connection.cursor() as cursor:
        for table in ("adjudication_account", "adjudication_investigation", "jury_panel", "audit_entry"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", ["%found the lump%"])
            assert cursor.fetchone() == (0,), table


def test_a_juror_reads_it_beside_the_findings_and_what_a_vote_changes(client: Client) -> None:
    trial = with_account()
    seat = trial.draw()[0]
    client.force_login(juror_of(seat))
    page = client.get(reverse("seat_detail", args=[seat.pk])).content.decode()
    assert "[the doctor] of [the hospital] found the lump" in page
    assert "A vote changes neither of them." in page
    for hidden in ("Zhao", "13911112222", "Qian", "Ruijin"):
        assert hidden not in page
    assert client.get(reverse("api-seat-detail", args=[seat.pk])).json()["account"] == READ


def test_the_applicant_writes_it_and_sees_how_jurors_read_it(client: Client) -> None:
    cast = small_cast()
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.member)
    address = reverse("claim_account", args=[claim.ref])
    assert "A lump was found in spring." in client.get(address).content.decode(), "what was filed is proposed"
    assert client.post(address, {"text": " "}).status_code == 422
    page = client.post(address, {"text": SAID}, follow=True).content.decode()
    assert "[the doctor] of [the hospital] found the lump" in page
    signed(ready(claim, cast), cast.investigator, jury_account=READ)
    page = client.get(address).content.decode()
    assert "What the jury reads" in page
    assert "<form" not in page.split("<main", 1)[1]
    assert client.post(address, {"text": "More."}).status_code == 409


def test_an_answer_to_the_facts_can_be_put_behind_it(client: Client, cast: Cast, claim: Claim) -> None:
    write_account(claim_ref=claim.ref, text="A lump.", by=cast.member)
    client.force_login(cast.member)
    address = reverse("claim_facts", args=[claim.ref])
    client.post(address, {"text": "It is not mild.", "is_for_jury": "on"})
    client.post(address, {"text": "Call my doctor."})
    assert claim.accounts.latest("pk").text == "A lump.\n\nIt is not mild."
    assert claim.remarks.count() == 2
    signed(ready(claim, cast), cast.investigator, jury_account="A lump.\n\nIt is not mild.")
    assert 'name="is_for_jury"' not in client.get(address).content.decode()
    with pytest.raises(AccountTooLate):
        add_remark(claim_ref=claim.ref, text="And this.", is_for_jury=True, by=cast.member)
    assert claim.remarks.count() == 2, "all or nothing"


def test_the_investigator_reads_both_and_signs_what_jurors_read(client: Client, cast: Cast, claim: Claim) -> None:
    write_account(claim_ref=claim.ref, text="My aunt in Suzhou found the lump.", by=cast.member)
    investigation = ready(claim, cast)
    client.force_login(cast.investigator)
    address = reverse("report_sign", args=[investigation.pk])
    page = client.get(address).content.decode()
    assert page.count("My aunt in Suzhou found the lump.") == 2, "in full, and proposed"
    form = {
        "recommendation": "support",
        "reasons_for": ["evidence_convincing"],
        "report": "Seen and checked.",
        "jury_summary": "All papers agree.",
        "jury_account": "My uncle in [left out] found the lump.",
        "confirm": "on",
    }
    assert "confirm that it names nobody" in client.post(address, form).content.decode()
    refused = client.post(address, form | {"account_read": "on"})
    assert refused.status_code == 409
    assert "My uncle in [left out]" in refused.content.decode(), "what was typed stays"
    form |= {"jury_account": "My aunt in [left out] found the lump.", "account_read": "on"}
    assert client.post(address, form).status_code == 302
    investigation.refresh_from_db(fields=["jury_account"])
    assert investigation.jury_account == "My aunt in [left out] found the lump."
    assert (
        "My aunt in [left out]" in client.get(reverse("investigation_detail", args=[investigation.pk])).content.decode()
    )


def test_the_same_over_the_api(client: Client, cast: Cast, claim: Claim) -> None:
    client.force_login(cast.member)
    address = reverse("api-claim-account", args=[claim.ref])
    assert client.get(address).json()["text"] == ""
    written = client.post(address, {"text": "Dr. Qian found it."}, content_type="application/json").json()
    assert (written["text"], written["for_jurors"], written["is_frozen"]) == (
        "Dr. Qian found it.",
        "[the doctor] found it.",
        False,
    )
    investigation = ready(claim, cast)
    client.force_login(cast.investigator)
    shown = client.get(reverse("api-investigation-detail", args=[investigation.pk])).json()["account"]
    assert shown["proposed"] == "[the doctor] found it."
    report = {
        "recommendation": "support",
        "reason_codes": ["evidence_convincing"],
        "report": "Seen.",
        "jury_summary": "All papers agree.",
    }
    sign = reverse("api-investigation-sign", args=[investigation.pk])
    refused = client.post(sign, report, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "AccountUnread")
    done = client.post(sign, report | {"jury_account": shown["proposed"]}, content_type="application/json").json()
    assert done["jury_account"] == "[the doctor] found it."
    client.force_login(cast.member)
    assert client.get(address).json()["is_frozen"] is True


def test_a_draft_keeps_that_the_jury_should_read_what_happened() -> None:
    cast = small_cast()
    draft = start_draft(by=cast.member)
    steps: dict[str, dict[str, Any]] = {
        "who": {"membership": cast.membership.pk},
        "diagnosis": {"icd10": "C50.9"},
        "illness": {"severity": "severe", "is_accident": False},
        "days": {"first_diagnosed_on": days_ago(40), "suspected_on": None},
        "hospital": {"hospital": "Ruijin Hospital", "account": SAID, "is_for_jury": True},
        "papers": {},
    }
    for step, answers in steps.items():
        save_step(draft_id=draft.pk, step=step, answers=answers, by=cast.member)
    claim = send_draft(draft_id=draft.pk, by=cast.member)
    proposed = proposed_account(claim)
    assert proposed is not None
    assert proposed.masked == READ
