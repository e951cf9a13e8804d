"""The app's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdjudicationConfig(AppConfig):
    """The `adjudication` app."""

    name = "adjudication"
    verbose_name = _("Adjudication")
