"""The room's links in the main navigation."""

from django.utils.translation import gettext_lazy as _

from members.access import is_auditor, is_reviewer
from pages.navigation import NavLink, anybody

LINKS = (
    NavLink(80, _("Members"), "people_search", (is_reviewer, is_auditor)),
    NavLink(85, _("Messages"), "message_board", (is_reviewer, is_auditor)),
    NavLink(87, _("Identities"), "identity_list", (is_reviewer, is_auditor)),
    NavLink(100, _("Plan drafts"), "plan_draft_list", (is_reviewer, is_auditor)),
    NavLink(130, _("Plans"), "plan_list", (anybody,)),
)
