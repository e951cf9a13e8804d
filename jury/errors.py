"""The facts that stop an act of the jury, in words that name the thing, the rule and the next step."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.errors import DomainError, NotAllowed


def _moment(at: datetime) -> str:
    """A moment with its zone, the same in every language."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M} ({timezone.get_current_timezone_name()})"


class NotQualified(DomainError):
    """A condition for jurors isn't met; the text names it."""


class ExamNotPassed(DomainError):
    """At least one answer of the exam is wrong; `wrong` holds the codes of those questions."""

    def __init__(self, wrong: tuple[str, ...]) -> None:
        self.wrong = wrong
        super().__init__(
            ngettext(
                "One answer isn't right yet. Read the explanation below it and answer again; "
                "you may try as often as you like.",
                "%(count)d answers aren't right yet. Read the explanations below them and answer again; "
                "you may try as often as you like.",
                len(wrong),
            )
            % {"count": len(wrong)}
        )


class AlreadyJuror(DomainError):
    """A juror number is given once."""

    def __init__(self, number: int) -> None:
        super().__init__(
            _("You already have juror number %(number)d in this plan. You will hear from us when the lot falls on you.")
            % {"number": number}
        )


class JurorLapsed(DomainError):
    """Somebody who has left the pool can't judge."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You are no longer in the pool of jurors of this plan, so you can't judge its cases. "
                "There is nothing to do."
            )
        )


class NoJurors(DomainError):
    """Nobody has qualified, so there is no pool to draw from."""

    def __init__(self, plan: str) -> None:
        super().__init__(
            _(
                "Plan %(plan)s has no jurors yet, so no panel can be drawn. The hearing can be opened as soon as the "
                "first member has passed the exam."
            )
            % {"plan": plan}
        )


class AlreadyDrawn(DomainError):
    """A draw is committed once for each case and round, and never started again."""

    def __init__(self, case_ref: str, round_: int) -> None:
        super().__init__(
            _("Round %(round)d of case %(case)s already has its draw; a draw is never started again.")
            % {"round": round_, "case": case_ref}
        )


class ChainSecretChanged(DomainError):
    """The secret of the hash chain isn't the one whose anchor was published."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The secret of the draws' hash chain is not the one that earlier draws were committed to. "
                "Put the former secret (DRAW_CHAIN_SECRET) back; nothing was drawn."
            )
        )


class DrawNotDue(DomainError):
    """The applicant may still add a word to the draw."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(
            _("The panel is drawn when the applicant has given their word for the draw, at the latest at %(due)s.")
            % {"due": _moment(due_at)}
        )


class CommitmentNotSealed(DomainError):
    """No checkpoint of the log covers the commitment yet: until then it could still be another one."""

    def __init__(self, case_ref: str) -> None:
        super().__init__(
            _(
                "The draw of %(case)s was announced only a moment ago, and the log has not sealed the announcement "
                "yet. It does so every few seconds. Wait a little and try again; nothing is lost."
            )
            % {"case": case_ref}
        )


class WordTooLate(DomainError):
    """The applicant's word counts only before the draw, and once."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(
            _("A word for the draw can be given once, before %(due)s and before the panel is drawn. The draw goes on.")
            % {"due": _moment(due_at)}
        )


class WordUnusable(DomainError):
    """The applicant's word is empty or too long."""

    def __init__(self, most: int) -> None:
        super().__init__(_("Write a word or number of 1 to %(most)d characters.") % {"most": most})


class PanelNotOpen(DomainError):
    """The vote hasn't begun or is over."""

    def __init__(self, closed_at: datetime | None) -> None:
        if closed_at is None:
            text = _("The vote on this case isn't open. Nothing is asked of you here.")
        else:
            text = _("The vote on this case closed at %(closed)s. What was cast until then counts.") % {
                "closed": _moment(closed_at)
            }
        super().__init__(text)


class PanelNotDue(DomainError):
    """The deadline hasn't passed, and not every seat has cast."""

    def __init__(self, closes_at: datetime) -> None:
        super().__init__(
            _("The vote stays open until %(closes)s, or until every juror has cast a ballot.")
            % {"closes": _moment(closes_at)}
        )


class NotYourSeat(NotAllowed):
    """A seat belongs to the juror drawn for it."""

    def __init__(self) -> None:
        super().__init__(_("This seat was drawn for another juror; only they can use it."))


class SeatGivenUp(DomainError):
    """The juror stepped down from this seat."""

    def __init__(self) -> None:
        super().__init__(
            _("You have stepped down from this case; the seat is no longer yours. There is nothing to do.")
        )


class JurorConflicted(DomainError):
    """The juror is close to the case, so the seat is given up."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            _(
                "You can't judge this case, because you may be close to somebody concerned by it. Your seat goes "
                "to the next juror drawn. Nothing is held against you."
            )
        )


class BallotAlreadyCast(DomainError):
    """Another ballot of the same seat came first."""

    def __init__(self, cast_at: datetime | None) -> None:
        if cast_at is None:
            text = _("This page is out of date: no ballot of yours was counted yet. Open your seat again and vote.")
        else:
            text = _(
                "A ballot from your seat was already cast at %(cast)s, and it counts. "
                "To change it, open your seat again."
            ) % {"cast": _moment(cast_at)}
        super().__init__(text)


class ChoiceUnknown(DomainError):
    """A ballot supports the claim or is against it."""

    def __init__(self) -> None:
        super().__init__(_("Choose whether you support the claim or are against it."))


class ReasonCodeUnknown(DomainError):
    """The plan has no such reason for this choice."""

    def __init__(self, code: str) -> None:
        super().__init__(
            _("%(code)s is not a reason that the plan's rules give for this choice. Choose from the list.")
            % {"code": code[:40]}
        )


class TooManyReasons(DomainError):
    """A ballot has room for so many reason codes."""

    def __init__(self, most: int) -> None:
        super().__init__(_("Choose at most %(most)d reasons; write the rest in your own words.") % {"most": most})


class RecusalReasonUnknown(DomainError):
    """Stepping down asks for one of the reasons on the list."""

    def __init__(self) -> None:
        super().__init__(_("Choose from the list why you step down."))


class NoProfessionals(DomainError):
    """Nobody can give the second opinion that the rules ask for."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The rules ask for a second opinion, but no professional juror is free of this case. "
                "Give the role to a doctor; the opinions are then asked for at once."
            )
        )


class OpinionAlreadyGiven(DomainError):
    """An opinion is given once."""

    def __init__(self, given_at: datetime) -> None:
        super().__init__(
            _("You gave this opinion at %(given)s; a given opinion isn't changed.") % {"given": _moment(given_at)}
        )


class OpinionsClosed(DomainError):
    """The request is closed, or its time is over."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(
            _("Opinions on this case could be given until %(due)s, and while the request was open. It goes on without.")
            % {"due": _moment(due_at)}
        )


class OpinionsNotDue(DomainError):
    """Answers are missing, and there is still time."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(
            _("The second opinion is drawn together when everybody asked has answered, at the latest at %(due)s.")
            % {"due": _moment(due_at)}
        )


class NotYourOpinion(NotAllowed):
    """The opinion was asked of another professional."""

    def __init__(self) -> None:
        super().__init__(_("This opinion was asked of another professional; only they can give it."))


class AnswersIncomplete(DomainError):
    """Every question needs yes, no or unsure, and the opinion its reasons."""

    def __init__(self) -> None:
        super().__init__(_("Answer every question with yes, no or unsure, and give your reasons."))
