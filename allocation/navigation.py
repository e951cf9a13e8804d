"""The room's links in the main navigation."""

from django.utils.translation import gettext_lazy as _

from members.access import is_auditor, is_plain_member, is_reviewer, is_signed_in
from pages.navigation import NavLink, anybody

LINKS = (
    NavLink(10, _("Home"), "home", (is_signed_in,)),
    NavLink(30, _("My shares"), "statement_list", (is_plain_member,)),
    NavLink(90, _("Run periods"), "period_board", (is_reviewer, is_auditor)),
    NavLink(120, _("Periods"), "period_list", (anybody,)),
)
