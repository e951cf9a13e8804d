"""What each of the five duties is about: the details that its form asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that a duty writes down: its name in the record, and its words."""

    name: str
    label: str | Promise
    hint: str | Promise = ""
    is_long: bool = True
    is_required: bool = False


_HOSPITALS = (
    Detail("visits", _("Visits"), _("Which hospital, on which day, and whom you spoke with."), is_required=True),
    Detail("obtained", _("Records obtained"), _("Which records you saw or copied, and for which time.")),
    Detail("refused", _("Records refused"), _("Which records you asked for and did not get, and why.")),
)
DETAILS: Mapping[str, tuple[Detail, ...]] = MappingProxyType(
    {
        "interview": (
            Detail("who", _("Who was interviewed"), is_long=False, is_required=True),
            Detail("place", _("Where"), is_long=False, is_required=True),
            Detail("time", _("When"), _("The time of day, such as 14:30 to 15:10."), is_long=False),
            Detail("statement", _("Statement"), _("What the person said, in their own words."), is_required=True),
        ),
        "treating_hospitals": _HOSPITALS,
        "other_hospitals": _HOSPITALS,
        "commercial_insurance": (
            Detail("query", _("Query"), _("Which insurers were asked, on which day, for what."), is_required=True),
            Detail("answer", _("Answer"), _("What each of them answered; write so if one did not."), is_required=True),
        ),
        "social_insurance": (
            Detail("query", _("Query"), _("Which office was asked, on which day."), is_required=True),
            Detail(
                "reimbursements",
                _("Reimbursements"),
                _("Day, place and illness of each, or that there are none."),
                is_required=True,
            ),
        ),
    }
)
"""By the kind of the duty, in the order of its form."""
