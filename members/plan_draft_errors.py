"""What the rules of drafting and publishing plan versions forbid: the thing, the rule and the next step."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.errors import DomainError, NotAllowed
from members.models import PlanDraft
from members.rules.plans import PlanRules


class NotAReviewer(NotAllowed):
    """Plan versions are drafted and published by reviewers."""

    def __str__(self) -> str:
        return _("Plan versions are drafted and published by reviewers only. Ask one of them.")


class OwnProposal(NotAllowed):
    """Whoever proposed a draft does not confirm it."""

    def __init__(self, draft: PlanDraft) -> None:
        super().__init__(draft.pk)
        self._values = {"number": draft.pk}

    def __str__(self) -> str:
        return (
            _("You proposed draft %(number)s yourself, and two reviewers publish a version. Another has to confirm it.")
            % self._values
        )


class _OfDraft(DomainError):
    """A refusal that names the draft and its state."""

    def __init__(self, draft: PlanDraft) -> None:
        super().__init__(draft.pk, draft.status)
        self._draft = draft

    @property
    def _values(self) -> dict[str, object]:
        return {"number": self._draft.pk, "status": self._draft.get_status_display()}


class DraftNotBeingWritten(_OfDraft):
    """Only a draft that is being written can be changed or proposed."""

    def __str__(self) -> str:
        if self._draft.status == PlanDraft.Status.PROPOSED:
            return _("Draft %(number)s is proposed, and its text stays as it is. Send it back first.") % self._values
        return _("Draft %(number)s is %(status)s and stays as it is. Begin a new draft.") % self._values


class DraftNotProposed(_OfDraft):
    """Only a proposed draft can be sent back or published."""

    def __str__(self) -> str:
        return (
            _("Draft %(number)s is %(status)s: only a proposed one can be published or sent back. Look at it again.")
            % self._values
        )


class DraftClosed(_OfDraft):
    """A draft that is published or withdrawn stays so."""

    def __str__(self) -> str:
        return _("Draft %(number)s is %(status)s already. There is nothing to withdraw.") % self._values


class DraftChanged(_OfDraft):
    """Somebody saved another text since this one was read."""

    def __str__(self) -> str:
        return (
            _("Somebody saved another text of draft %(number)s since you read it. Nothing was stored: read it again.")
            % self._values
        )


class DraftEmpty(DomainError):
    """A draft has a text."""

    http_status = 400

    def __str__(self) -> str:
        return _("There is no text. Choose a version to start from, paste a plan file or choose one to upload.")


class DraftTooLong(DomainError):
    """No plan file is as long as this."""

    http_status = 400

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._most = most

    def __str__(self) -> str:
        return ngettext(
            "A plan file has at most %(most)s character, and this one has more.",
            "A plan file has at most %(most)s characters, and this one has more.",
            self._most,
        ) % {"most": self._most}


class StartsInThePast(DomainError):
    """Rules that judge illnesses and shares are known before they apply."""

    def __init__(self, rules: PlanRules) -> None:
        super().__init__(rules.code, rules.version)
        self._values = {"version": rules.version, "plan": rules.code, "at": rules.starts_at.strftime("%Y-%m-%d %H:%M")}

    def __str__(self) -> str:
        return (
            _(
                "Version %(version)s of plan %(plan)s would start at %(at)s, which has passed: members must be able to "
                "read rules before they apply. Give it a start that lies ahead."
            )
            % self._values
        )
