"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AllocationConfig(AppConfig):
    """The `allocation` app."""

    name = "allocation"
    verbose_name = _("Allocation")
