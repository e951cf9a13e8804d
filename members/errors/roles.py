"""What roles may not do, and what forbids giving one or taking it back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed, Words


class ReviewersOnly(NotAllowed):
    """The act belongs to reviewers: plan versions, the end of a plan, holds."""

    text = _("Only a reviewer may do this. Ask one of them.")


class ReviewersAndAuditorsOnly(NotAllowed):
    """What is read belongs to reviewers and auditors: people's data, and the turnout of a vote."""

    text = _("Only reviewers and auditors may see this. Your own data are on your start page; for the rest, ask them.")


class AdministratorOnly(NotAllowed):
    text = _("Only the technical administrator can give log-ins and roles. Ask them.")


class OwnProposal(NotAllowed):
    """A proposal is confirmed by another person than the one who made it."""

    text = _("You made this proposal yourself, and it takes two reviewers. Another reviewer has to confirm it.")


class RoleHeld(DomainError):
    text = _("This user already holds the role of %(role)s.")
    role: Words


class RoleNotHeld(DomainError):
    text = _("This user does not hold the role of %(role)s: there is nothing to revoke.")
    role: Words
