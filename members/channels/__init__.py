"""The ways in which messages leave the service: each is an adapter with one method, chosen by the settings."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from members.channels.base import Adapter
from members.models import Channel

__all__ = ["adapter_of", "has_channel"]


@cache
def _made(path: str) -> Adapter:
    made: Adapter = import_string(path)()
    return made


def adapter_of(channel: Channel) -> Adapter:
    """The adapter of a channel. Raises ImproperlyConfigured or ImportError for one that the settings name wrongly."""
    return _made(_path(channel))


def has_channel(channel: Channel) -> bool:
    """Whether the settings name an adapter for it."""
    return bool(_path(channel))


def _path(channel: Channel) -> str:
    return {Channel.EMAIL: settings.MAIL_CHANNEL, Channel.TEXT: settings.TEXT_CHANNEL}[channel]
