"""The site itself as an app: its checks, commands and template tags."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Site-wide commands and checks."""

    name = "config"
    label = "site_config"

    def ready(self) -> None:
        """Register the checks."""
        from config import checks  # noqa: F401
