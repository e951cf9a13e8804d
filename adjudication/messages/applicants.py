"""What applicants are told on the way of their claim: no illness, no amount; both are behind the log-in."""

from __future__ import annotations

from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.message_kinds import Address, Audience, MessageKind, Param

_WHY = _("You get this because claim %(ref)s is yours, or that of someone you pay for.")
_FOLLOW = _("Open the claim")
_IF_NOT_YOU = _("If this was not you, write to the plan's staff at once.")
_TWO_ANSWERS = _(
    "You can ask for a jury of members, or accept the rejection. If you do not answer in time, this counts as "
    "consent to "
    "the rejection."
)


def _kind(subject: Promise, *body: Promise) -> MessageKind:
    """One that needs nothing done, and leads to the claim."""
    return MessageKind(
        audience=Audience.APPLICANT,
        subject=subject,
        body=body,
        why=_WHY,
        act=_FOLLOW,
        address=Address("claim_detail", ("ref",)),
        params={"ref": Param.REF},
    )


def _question(subject: Promise, *body: Promise) -> MessageKind:
    """One that asks for the applicant's answer to a report."""
    return replace(
        _kind(subject, *body),
        act=_("Read the report and answer"),
        address=Address("claim_answer", ("ref",)),
        params={"ref": Param.REF, "due_at": Param.MOMENT},
        due="due_at",
        asks="answer",
    )


def _draw(subject: Promise, what: Promise) -> MessageKind:
    """One that announces a draw, to which the applicant may add a word."""
    return replace(
        _kind(subject, what, _("You need not add one: then the draw uses the word that was announced for this case.")),
        act=_("Add a word to the draw"),
        address=Address("claim_nonce", ("ref",)),
        params={"ref": Param.REF, "word_by": Param.MOMENT},
        due="word_by",
        asks="word",
    )


FOR_APPLICANTS: dict[str, MessageKind] = {
    "adjudication.filed": _kind(
        _("We have received claim %(ref)s"),
        _("Claim %(ref)s was filed. Its page shows where it is and what comes next."),
        _("We write to you at each step that changes something for you or asks something of you."),
    ),
    "adjudication.clause_not_met": _kind(
        _("A clause is not met: claim %(ref)s"),
        _(
            "By what was filed, claim %(ref)s does not meet a clause of the plan. The claim's page names the clause "
            "and "
            "gives the reason."
        ),
        _(
            "This is a warning and no decision: the claim is investigated like any other. If a fact in it is wrong, "
            "add "
            "a paper that shows it."
        ),
    ),
    "adjudication.taken": _kind(
        _("An investigator has taken claim %(ref)s"),
        _("An investigator now works on claim %(ref)s and will ask you for an interview."),
        _("You can add papers until the report is signed."),
    ),
    "adjudication.answer_asked": replace(
        _question(
            _("Your answer is needed: claim %(ref)s"),
            _("By the report of the investigation, claim %(ref)s would be rejected. You can answer until %(due_at)s."),
            _TWO_ANSWERS,
        ),
        is_notice=True,
    ),
    "adjudication.clause_announced": replace(
        _question(
            _("A clause would reject claim %(ref)s: you are heard first"),
            _(
                "By what was found, claim %(ref)s does not meet a clause of the plan that binds. No jury can change "
                "that."
            ),
            _("Before anything is decided you can say what you think of it, until %(due_at)s."),
            _("If you do not answer, a reviewer decides without your answer."),
        ),
        act=_("Read the clause and answer"),
        is_notice=True,
    ),
    "adjudication.found_otherwise": replace(
        _kind(
            _("Something was found to be other than you stated: claim %(ref)s"),
            _("A fact of claim %(ref)s was found to be other than you stated. The claim's page shows both."),
            _("If you think that it is wrong, say so on the claim's page before a decision is made."),
        ),
    ),
    "adjudication.answer_quarter_left": replace(
        _question(
            _("A quarter of your time to answer is left: claim %(ref)s"),
            _("You have not answered the report on claim %(ref)s yet. Your time ends at %(due_at)s."),
            _TWO_ANSWERS,
        ),
        is_moot_when_due=True,
        reminds="a quarter of the applicant's time is left, they have not answered, and the claim is not on hold",
    ),
    "adjudication.answer_renewed": replace(
        _question(
            _("Your time to answer starts again: claim %(ref)s"),
            _(
                "The hold on claim %(ref)s was lifted, and you have the full time to answer the report again, until "
                "%(due_at)s."
            ),
            _TWO_ANSWERS,
        ),
        is_notice=True,
    ),
    "adjudication.answer_extended": replace(
        _question(
            _("You have more time to answer: claim %(ref)s"),
            _(
                "Our message about the report on claim %(ref)s reached you late or came back. Your time to answer now "
                "ends at %(due_at)s."
            ),
            _TWO_ANSWERS,
        ),
        is_notice=True,
    ),
    "adjudication.answer_jury": _kind(
        _("You asked for the jury: claim %(ref)s"),
        _("We have your answer: a jury of members will judge claim %(ref)s. We tell you when its draw is announced."),
        _IF_NOT_YOU,
    ),
    "adjudication.answer_heard": _kind(
        _("We have your answer: claim %(ref)s"),
        _("A reviewer reads what you say about claim %(ref)s, and then decides."),
        _IF_NOT_YOU,
    ),
    "adjudication.answer_accepted": _kind(
        _("You accepted the rejection: claim %(ref)s"),
        _(
            "We have your answer: you accept that claim %(ref)s is rejected. A reviewer now checks and issues the "
            "decision."
        ),
        _IF_NOT_YOU,
    ),
    "adjudication.answer_lapsed": _kind(
        _("Your time to answer has ended: claim %(ref)s"),
        _(
            "You did not answer the report on claim %(ref)s in time, and this counts as consent to the rejection. A "
            "reviewer now checks and issues the decision."
        ),
        _("If something kept you from answering, write to the plan's staff before the decision is issued."),
    ),
    "adjudication.returned": _kind(
        _("Claim %(ref)s is investigated further"),
        _("A reviewer returned the report on claim %(ref)s to the investigators. You can add papers again."),
        _("If we had asked you for an answer to the report, you need not give it now."),
    ),
    "adjudication.hearing_opened": _draw(
        _("The draw of the jury is announced: claim %(ref)s"),
        _(
            "A jury of members will judge claim %(ref)s. Until %(word_by)s you can add a word to the draw, so that "
            "nobody can know in advance who is drawn."
        ),
    ),
    "adjudication.hearing_again": _draw(
        _("The draw of another jury is announced: claim %(ref)s"),
        _(
            "By the plan's rules another jury judges claim %(ref)s; nobody sits on it who sat before. Until "
            "%(word_by)s you can add a word to its draw, so that nobody can know in advance who is drawn."
        ),
    ),
    "adjudication.addendum": replace(
        _kind(
            _("The jury was given what was found since: claim %(ref)s"),
            _(
                "Something was found on claim %(ref)s after the report was signed. The jurors have it as an addendum "
                "to their file, with any papers that show it without names, and vote until %(closes_at)s."
            ),
            _("What was found is on the page of the facts. You can say what you think of it before the decision."),
        ),
        act=_("Read what was found"),
        address=Address("claim_facts", ("ref",)),
        params={"ref": Param.REF, "closes_at": Param.MOMENT},
    ),
    "adjudication.referred": _kind(
        _("Doctors are asked for a second opinion: claim %(ref)s"),
        _("The jury has voted on claim %(ref)s. By the plan's rules doctors now answer the medical questions."),
        _("There is nothing for you to do. We tell you how the claim continues."),
    ),
    "adjudication.reinvestigated": _kind(
        _("Claim %(ref)s is investigated again"),
        _("Claim %(ref)s goes back to the investigators, because the facts at hand do not decide it."),
        _("You can add papers again that help to decide it."),
    ),
    "adjudication.approved": _kind(
        _("The decision on claim %(ref)s"),
        _("Claim %(ref)s is approved. The decision with its reasons and the aid are on the claim's page."),
        _("The claim is included in the plan's next notice, and the aid is paid after the charge of that period."),
    ),
    "adjudication.rejected": _kind(
        _("The decision on claim %(ref)s"),
        _("Claim %(ref)s is rejected. The decision with its reasons is on the claim's page."),
        _("If anything in it is unclear to you, ask the plan's staff, and name the number of the claim."),
    ),
    "adjudication.held": _kind(
        _("Claim %(ref)s is on hold"),
        _(
            "A reviewer put claim %(ref)s on hold. It does not move until the hold is lifted. The claim's page says "
            "why."
        ),
        _("If an answer is awaited from you, your time does not run meanwhile, and starts again in full afterwards."),
    ),
    "adjudication.released": _kind(
        _("Claim %(ref)s is no longer on hold"),
        _("The hold on claim %(ref)s was lifted, and the claim continues where it stopped."),
        _("There is nothing for you to do. We tell you how the claim continues."),
    ),
    "adjudication.held_longer": _kind(
        _("Claim %(ref)s stays on hold"),
        _("The hold on claim %(ref)s goes on. The claim's page says why, and until when at the latest."),
        _("There is nothing for you to do. We tell you how the claim continues."),
    ),
    "adjudication.offered_again": _kind(
        _("Claim %(ref)s gets another investigator"),
        _("The investigation of claim %(ref)s took too long. It was taken off its investigator and is offered again."),
        _("What was found so far is kept. You can still add papers."),
    ),
    "adjudication.no_doctor_found": _kind(
        _("No doctor could be asked: claim %(ref)s"),
        _(
            "By the plan's rules doctors should answer the medical questions of claim %(ref)s. Nobody who is free to "
            "could be found in time, so the opinion counts as inconclusive."
        ),
        _("There is nothing for you to do. We tell you how the claim continues."),
    ),
    "adjudication.decision_late": replace(
        _kind(
            _("The decision on claim %(ref)s is late"),
            _(
                "Everything that claim %(ref)s waited for is there, and a reviewer should have issued the decision by "
                "now. The reviewers are reminded every day."
            ),
            _("There is nothing for you to do, and you lose nothing by it. We tell you when it is issued."),
        ),
        reminds="a decision that can be issued is not issued in the plan's days",
    ),
    "adjudication.withdrawn": _kind(
        _("Claim %(ref)s was withdrawn"),
        _("Claim %(ref)s was withdrawn. Its investigation, its vote and its second opinion ended with it."),
        _IF_NOT_YOU,
    ),
    "adjudication.paid": _kind(
        _("Claim %(ref)s is paid"),
        _("The payment of the aid for claim %(ref)s is confirmed. The amount is on the claim's page."),
        _("If it does not reach your account within a few days, write to the plan's staff."),
    ),
}
