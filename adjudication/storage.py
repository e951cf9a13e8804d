"""Where evidence lies: encrypted, named at random, outside every URL."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from members.fields import cipher


@deconstructible
class EncryptedStorage(FileSystemStorage):
    """Encrypts on writing and decrypts on reading; the stored name says nothing about the file."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """A random name in the same folder."""
        folder = name.rpartition("/")[0]
        return str(super().get_available_name(f"{folder}/{secrets.token_hex(16)}", max_length))

    def _save(self, name: str, content: File[Any]) -> str:
        content.seek(0)
        return str(super()._save(name, ContentFile(cipher().encrypt(content.read()))))  # type: ignore[misc]

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        if mode != "rb":
            raise ValueError("Evidence is written once, by save, and then only read.")
        with super()._open(name, "rb") as stored:  # type: ignore[misc]
            return ContentFile(cipher().decrypt(stored.read()), name=name)

    def url(self, name: str | None) -> str:
        """There is none: evidence is read through a view that asks who is reading."""
        raise ValueError("Evidence has no address of its own; link to the evidence view.")
