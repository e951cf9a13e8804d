"""The room's links in the main navigation."""

from django.utils.translation import gettext_lazy as _

from audit.selectors import may_read_log
from audit.selectors.sweeps import may_see_operations
from pages.navigation import NavLink

LINKS = (
    NavLink(110, _("Audit log"), "audit_log", (may_read_log,)),
    NavLink(112, _("Operations"), "operations", (may_see_operations,)),
)
