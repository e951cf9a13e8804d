"""What investigators and reviewers are told about the claims that are theirs to work on."""

from __future__ import annotations

from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param

_WHY_INVESTIGATOR = _("You get this because you investigate claim %(ref)s.")
_WHY_REVIEWER = _("You get this because you are a reviewer.")
_THEIRS = Address("investigation_detail", ("investigation",))
_OF_THEIRS = {"ref": Param.REF, "investigation": Param.NUMBER}


def _for_investigator(subject: Promise, *body: Promise) -> MessageKind:
    return MessageKind(
        audience=Audience.INVESTIGATOR,
        subject=subject,
        body=body,
        why=_WHY_INVESTIGATOR,
        act=_("Open the investigation"),
        address=_THEIRS,
        params=_OF_THEIRS,
    )


def _for_reviewer(subject: Promise, *body: Promise) -> MessageKind:
    return MessageKind(
        audience=Audience.REVIEWER,
        subject=subject,
        body=body,
        why=_WHY_REVIEWER,
        act=_("Open the claim"),
        address=Address("board_claim", ("ref",)),
        params={"ref": Param.REF},
    )


_WITHDRAWN = (
    _("A hospital withdrew a record: claim %(ref)s"),
    _("A hospital withdrew a record on which claim %(ref)s rests."),
    _("Find out what it means for the claim, and note it. Until then no report and no decision can support the claim."),
)
_WHY_DECLARED = _("You get this because you declared a relation on claim %(ref)s.")
_RELATIONS = Address("relation_list")
_WITHDRAWAL = Address("withdrawal", ("withdrawal",))

FOR_STAFF: dict[str, MessageKind] = {
    "adjudication.record_withdrawn": replace(
        _for_reviewer(*_WITHDRAWN),
        act=_("Note what it means"),
        address=_WITHDRAWAL,
        params={"ref": Param.REF, "withdrawal": Param.NUMBER},
    ),
    "adjudication.record_withdrawn_investigation": replace(
        _for_investigator(*_WITHDRAWN),
        act=_("Note what it means"),
        address=_WITHDRAWAL,
        params={"ref": Param.REF, "withdrawal": Param.NUMBER},
    ),
    "adjudication.not_reached": replace(
        _for_reviewer(
            _("An applicant was not reached: claim %(ref)s"),
            _(
                "The applicant of claim %(ref)s is asked for an answer, and no message got through. Until the notice "
                "is served, their silence has no consequence and the claim does not move."
            ),
            _(
                "Try to reach them by phone or letter within 14 days, and record the attempt: then the notice counts "
                "as served, in the inbox if need be, with twice the time."
            ),
        ),
        act=_("Open the page “Not reached”"),
        address=Address("unreached_list"),
        reminds="no channel reached an applicant who is asked for an answer; not to those who took part in the claim",
    ),
    "adjudication.found_late": _for_reviewer(
        _("Something was found after the report: claim %(ref)s"),
        _("A fact of claim %(ref)s was found after the report was signed. It changes nothing by itself."),
        _("Order another look, or say why it changes nothing: no decision can be issued before."),
    ),
    "adjudication.account_investigation": _for_investigator(
        _("The applicant has written for the jury: claim %(ref)s"),
        _(
            "The applicant of claim %(ref)s wrote an account for the jury, or wrote it again. You read it when you "
            "sign the report, and check that it names nobody."
        ),
    ),
    "adjudication.remark_investigation": _for_investigator(
        _("The applicant has answered what was found: claim %(ref)s"),
        _("The applicant says what they think of the facts found in claim %(ref)s. You read it on the claim's page."),
    ),
    "adjudication.relation_to_settle": replace(
        _for_reviewer(
            _("A declared relation waits for a second person: claim %(ref)s"),
            _("Somebody who declared a relation to the member of claim %(ref)s asks for it to be withdrawn."),
            _("Read their reason, then withdraw the relation or keep it. It counts until then."),
        ),
        act=_("Open the declared relations"),
        address=_RELATIONS,
    ),
    "adjudication.relation_kept": replace(
        _for_reviewer(
            _("Your declared relation was kept: claim %(ref)s"),
            _("A second person has kept the relation that you declared on claim %(ref)s. It counts as before."),
        ),
        why=_WHY_DECLARED,
        act=_("Open the declared relations"),
        address=_RELATIONS,
    ),
    "adjudication.relation_withdrawn": replace(
        _for_reviewer(
            _("Your declared relation was withdrawn: claim %(ref)s"),
            _("A second person has withdrawn the relation that you declared on claim %(ref)s. It counts no longer."),
        ),
        why=_WHY_DECLARED,
        act=_("Open the declared relations"),
        address=_RELATIONS,
    ),
    "adjudication.report_returned": _for_investigator(
        _("Your report was returned: claim %(ref)s"),
        _("A reviewer returned your report on claim %(ref)s and gave a reason. The signed report stays as it is."),
        _(
            "A further round waits on the worklist, with the reason on its page. You can take it, as any "
            "investigator can."
        ),
    ),
    "adjudication.held_investigation": _for_investigator(
        _("Claim %(ref)s is on hold"),
        _("A reviewer put claim %(ref)s, which you investigate, on hold. The claim does not move until it is lifted."),
        _("Your deadline does not change."),
    ),
    "adjudication.released_investigation": _for_investigator(
        _("Claim %(ref)s is no longer on hold"),
        _("The hold on claim %(ref)s, which you investigate, was lifted. Your deadline did not change."),
    ),
    "adjudication.withdrawn_investigation": replace(
        _for_investigator(
            _("Claim %(ref)s was withdrawn"),
            _(
                "Claim %(ref)s, which you investigated, was withdrawn, and its investigation ended. Nothing is left "
                "to do."
            ),
        ),
        act=_("Open the worklist"),
        address=Address("worklist"),
        params={"ref": Param.REF},
    ),
    "adjudication.investigation_near": replace(
        _for_investigator(
            _("Your report is due soon: claim %(ref)s"),
            _("Your report on claim %(ref)s is due at %(due_at)s."),
        ),
        params=_OF_THEIRS | {"due_at": Param.MOMENT},
        due="due_at",
        asks="report",
        is_moot_when_due=True,
        reminds="the plan's days of warning before an investigator's deadline have begun, and no report is signed",
    ),
    "adjudication.investigation_passed": replace(
        _for_investigator(
            _("Your report is overdue: claim %(ref)s"),
            _(
                "Your report on claim %(ref)s was due at %(due_at)s. Sign it as soon as you can: the member waits "
                "for it."
            ),
        ),
        params=_OF_THEIRS | {"due_at": Param.MOMENT},
        reminds="an investigator's deadline has passed, and no report is signed",
    ),
    "adjudication.assigned": replace(
        _for_investigator(
            _("Claim %(ref)s was given to you"),
            _("Nobody took claim %(ref)s in time, so it was given to you. Your report is due at %(due_at)s."),
            _("If you are close to the member, declare it on the claim's page: the claim then goes to somebody else."),
        ),
        params=_OF_THEIRS | {"due_at": Param.MOMENT},
        due="due_at",
        asks="report",
    ),
    "adjudication.taken_off": replace(
        _for_investigator(
            _("Claim %(ref)s was taken off you"),
            _(
                "Your report on claim %(ref)s was overdue for too long. The claim is offered to all investigators "
                "again, and what you recorded stays readable."
            ),
        ),
        act=_("Open the worklist"),
        address=Address("worklist"),
        params={"ref": Param.REF},
    ),
    "adjudication.take_off_near": replace(
        _for_investigator(
            _("Your overdue report will be taken off you: claim %(ref)s"),
            _(
                "Your report on claim %(ref)s is overdue. If it is not signed before %(due_at)s, the claim is taken "
                "off you and offered again."
            ),
        ),
        params=_OF_THEIRS | {"due_at": Param.MOMENT},
        due="due_at",
        asks="report",
        is_moot_when_due=True,
        reminds="a quarter is left of the plan's days until an overdue investigation is taken off its investigator",
    ),
    "adjudication.untaken_near": replace(
        _for_investigator(
            _("Nobody has taken claim %(ref)s"),
            _("Claim %(ref)s waits on the list. If nobody takes it before %(due_at)s, it is given to somebody."),
        ),
        why=_("You get this because you are an investigator."),
        act=_("Open the worklist"),
        address=Address("worklist"),
        params={"ref": Param.REF, "due_at": Param.MOMENT},
        is_moot_when_due=True,
        due="due_at",
        asks="taking",
        is_owed=False,
        reminds="a quarter is left of the plan's days until a claim that nobody took is given to an investigator",
    ),
    "adjudication.hold_near": replace(
        _for_reviewer(
            _("A hold ends soon: claim %(ref)s"),
            _("The hold on claim %(ref)s lifts by itself at %(due_at)s, and the claim goes on."),
            _("If it has to stay on hold, renew the hold and say why: the member reads it."),
        ),
        params={"ref": Param.REF, "due_at": Param.MOMENT},
        due="due_at",
        asks="hold",
        is_moot_when_due=True,
        reminds="a quarter is left of a hold that lifts by itself",
    ),
    "adjudication.waits_late": replace(
        _for_reviewer(
            _("Claims wait for longer than they should: %(number)s"),
            _("%(number)s waits of claims are over their time, or have no end, and go on."),
            _("The page “Running clocks” says which, since when, and who must act."),
        ),
        act=_("Open the running clocks"),
        address=Address("clock_list"),
        params={"number": Param.NUMBER},
        is_owed=False,
        reminds="once a day, while a wait of a claim is over its time or runs without an end for more than a day",
    ),
    "adjudication.decision_awaited": replace(
        _for_reviewer(
            _("A decision is awaited: claim %(ref)s"),
            _(
                "Everything that claim %(ref)s waited for is there. Check the decision that the rules give, and "
                "issue it."
            ),
        ),
        is_owed=False,
        reminds="the decision on a claim can be issued; not to those who took part in the claim",
    ),
    "adjudication.report_against": replace(
        _for_reviewer(
            _("A report against a claim was signed: claim %(ref)s"),
            _("The investigator's report recommends against claim %(ref)s."),
            _("Until a jury is announced or a decision issued, you can return the report with a reason."),
        ),
        is_owed=False,
    ),
    "adjudication.no_jurors": replace(
        _for_reviewer(
            _("No jury can be drawn: claim %(ref)s"),
            _("The plan of claim %(ref)s has no jurors, so its hearing cannot be opened. The claim waits."),
            _(
                "The hearing opens by itself soon after the first member of the plan has passed the jurors' exam. If "
                "the plan sets a time for it, it opens without jurors then and counts as hung."
            ),
        ),
        reminds="a hearing is due in a plan without jurors",
    ),
    "adjudication.no_professionals": replace(
        _for_reviewer(
            _("No doctor can be asked: claim %(ref)s"),
            _("Claim %(ref)s needs a second opinion, and nobody who gives them is free to. The claim waits."),
            _(
                "The request opens by itself soon after someone who took no part in the claim has the role. If the "
                "plan sets a time for it, the opinion counts as inconclusive then."
            ),
        ),
        reminds="a second opinion is due, and nobody who took no part in the claim can give it",
    ),
}
