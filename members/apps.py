"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """The `members` app."""

    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        """Connect the record of log-ins."""
        from members import accounts  # noqa: F401
