"""What can go wrong with the embedded servers, each as one line for the person who started them."""

from __future__ import annotations


class EmbeddedError(Exception):
    """A server cannot be started; the text says what is wrong and what to do, in one line."""


class OwnedByAnother(EmbeddedError):
    """Another process owns the embedded servers of this folder and will stop them when it ends."""
