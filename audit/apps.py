"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """The `audit` app."""

    name = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        """A witness that can't be read is told at the start, not when the first checkpoint is due."""
        from audit.selectors.witnesses import configured_witnesses

        configured_witnesses()
