"""The room's links in the main navigation."""

from django.utils.translation import gettext_lazy as _

from jury.access import is_juror
from members.access import is_auditor, is_investigator, is_plain_member, is_professional, is_reviewer
from pages.navigation import NavLink

LINKS = (
    NavLink(20, _("My claims"), "claim_list", (is_plain_member,)),
    NavLink(40, _("Jury"), "seat_list", (is_juror,)),
    NavLink(50, _("Investigations"), "worklist", (is_investigator,)),
    NavLink(60, _("Second opinions"), "opinion_list", (is_professional,)),
    NavLink(65, _("Declared relations"), "relation_list", (is_investigator, is_reviewer, is_auditor)),
    NavLink(68, _("Running clocks"), "clock_list", (is_investigator, is_reviewer, is_auditor)),
    NavLink(70, _("Claims board"), "board", (is_reviewer, is_auditor)),
)
