"""What can go wrong with the money, as facts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from audit.errors import DomainError


class ConservationBroken(DomainError):
    """The two sides of a charge differ: nothing may be charged before somebody has found out why.

    Both sides are in minor units. The text is translated when it is shown, so that raising needs no settings.
    """

    def __init__(self, charged_minor: int, owed_minor: int, detail: str = "") -> None:
        super().__init__(charged_minor, owed_minor, detail)
        self.charged_minor = charged_minor
        self.owed_minor = owed_minor
        self.detail = detail

    def __str__(self) -> str:
        return _(
            "The period does not add up: members and sponsor are charged %(charged)s, but aid, fee and the change of "
            "the surplus need %(owed)s (in the smallest unit of the currency). Every charge must add up exactly. "
            "Nothing was charged; ask an auditor to look at the period's figures."
        ) % {"charged": self.charged_minor, "owed": self.owed_minor} + (f" [{self.detail}]" if self.detail else "")


class NotInThisPeriod(DomainError):
    """A claim is to leave a charge in which it is not."""

    def __init__(self, refs: tuple[str, ...]) -> None:
        super().__init__(refs)
        self.refs = refs

    def __str__(self) -> str:
        return _(
            "These claims are not in the period: %(refs)s. Only a claim of the period's notice can leave its charge. "
            "Look at the notice for the claims that are in it."
        ) % {"refs": ", ".join(self.refs)}
