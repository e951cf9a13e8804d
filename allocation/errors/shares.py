"""What can go wrong with the sums of a period."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError


class ConservationBroken(DomainError):
    """The two sides of a charge differ: nothing is charged until a person has found out why. Both in minor units."""

    text = _(
        "The period does not add up: members and sponsor are charged %(charged_minor)s, but aid, fee and the change of "
        "the surplus need %(owed_minor)s (in the smallest unit of the currency). Every charge must add up exactly. "
        "Nothing was charged; ask an auditor to look at the period's figures."
    )
    charged_minor: int
    owed_minor: int


class LineBroken(DomainError):
    """A line of a charge breaks the rules, although the sums agree; `symbol` says which line."""

    text = _(
        "The period breaks the plan's rules at %(symbol)s. Every line of a charge must follow from the rules exactly. "
        "Nothing was charged; ask an auditor to look at the period's figures."
    )
    symbol: str


class NotInThisPeriod(DomainError):
    text = _(
        "These claims are not in the period: %(refs)s. Only a claim of the period's notice can leave its charge. Look "
        "at the notice for the claims that are in it."
    )
    refs: Sequence[str]
