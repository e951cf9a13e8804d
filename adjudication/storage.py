"""Storage of evidence: encrypted, with random names, not reachable by URL."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from members.fields import cipher
from pages.whole_files import write_whole


@deconstructible
class EncryptedStorage(FileSystemStorage):
    """Encrypts on writing and decrypts on reading; the stored name says nothing about the file."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """A random name in the same folder."""
        folder = name.rpartition("/")[0]
        return str(super().get_available_name(f"{folder}/{secrets.token_hex(16)}", max_length))

    def _save(self, name: str, content: File[Any]) -> str:
        content.seek(0)
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not Django's own way, which writes to the name itself: a full disk would leave half a file there.
        write_whole(path, cipher().encrypt(content.read()))
        return name

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        if mode != "rb":
            raise ValueError("Evidence is written once, by save, and then only read.")
        with super()._open(name, "rb") as stored:  # type: ignore[misc]
            return ContentFile(cipher().decrypt(stored.read()), name=name)

    def url(self, name: str | None) -> str:
        """There is none: evidence is read through a view that checks who is reading."""
        raise ValueError("Evidence has no URL; link to the evidence view.")
