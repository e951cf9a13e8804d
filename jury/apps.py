"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JuryConfig(AppConfig):
    """The `jury` app."""

    name = "jury"
    verbose_name = _("Jury")
