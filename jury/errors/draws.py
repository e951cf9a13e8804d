"""Reasons to refuse a draw, or the applicant's word for it."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class NoJurors(DomainError):
    text = _(
        "Plan %(plan)s has no jurors yet, so no panel can be drawn. The hearing can be opened as soon as the first "
        "member has passed the exam."
    )
    plan: str


class AlreadyDrawn(DomainError):
    text = _("Round %(round)d of case %(case)s already has its draw; a draw is never started again.")
    round: int
    case: str


class ChainSecretChanged(DomainError):
    text = _(
        "The secret of the draws' hash chain is not the one that earlier draws were committed to. Restore the earlier "
        "secret (DRAW_CHAIN_SECRET); nothing was drawn."
    )


class DrawNotDue(DomainError):
    text = _("The panel is drawn when the applicant has added a word to the draw, at the latest at %(due)s.")
    due: dt.datetime


class CommitmentNotSealed(DomainError):
    """No checkpoint of the log covers the commitment yet: until then the operator could still replace it."""

    text = _(
        "The draw of %(case)s was announced only a moment ago, and the log has not sealed the announcement yet. It "
        "does so at fixed moments, a minute apart or less. Try again in a minute; nothing is lost."
    )
    case: str


class NonceTooLate(DomainError):
    text = _("A word can be added to the draw once, before %(due)s and before the panel is drawn. The draw continues.")
    due: dt.datetime


class NonceUnusable(DomainError):
    text = _("Write a word or number of 1 to %(most)d characters.")
    most: int
