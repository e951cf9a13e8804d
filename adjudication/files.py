"""What is inside an uploaded file: told from its first bytes, never from what the browser claims."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
TEXT = "text/plain"
JSON = "application/json"

ACCEPTED = (PDF, JPEG, PNG, WEBP, TEXT)
"""What the file chooser of a page offers; JSON comes from other systems."""
IMAGES = frozenset({JPEG, PNG, WEBP})

_EXTENSIONS = {
    "pdf": {PDF},
    "jpg": {JPEG},
    "jpeg": {JPEG},
    "jpe": {JPEG},
    "jfif": {JPEG},
    "png": {PNG},
    "webp": {WEBP},
    "txt": {TEXT, JSON},
    "json": {JSON},
}
EXTENSION_OF = {PDF: "pdf", JPEG: "jpg", PNG: "png", WEBP: "webp", TEXT: "txt", JSON: "json"}
_LONGEST_NAME = 150
_MARKUP = ("<!doctype", "<html", "<script", "<svg", "<?xml", "<?php", "<body", "<head", "#!", "mz\x90")
_BLANKS = frozenset("\n\r\t\f")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody hands it over: its bytes, and the name they gave it."""

    content: bytes
    filename: str


def sniff(content: bytes) -> str | None:
    """The content type of a PDF, JPEG, PNG, WebP, JSON or plain UTF-8 text; None for everything else."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    return _sniff_text(content)


def _sniff_text(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if any(unicodedata.category(character) == "Cc" and character not in _BLANKS for character in text):
        return None
    start = text.lstrip()[:40].lower()
    if start.startswith(_MARKUP):
        return None
    if start.startswith(("{", "[")):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return TEXT
        return JSON
    return TEXT


def extension(filename: str) -> str:
    """What stands behind the last dot, in small letters."""
    return filename.rpartition(".")[2].lower() if "." in filename else ""


def is_known_extension(filename: str) -> bool:
    """Whether the name ends like a kind of file that is taken at all."""
    return extension(filename) in _EXTENSIONS


def matches(filename: str, content_type: str) -> bool:
    """Whether the end of the name and the content agree."""
    return content_type in _EXTENSIONS.get(extension(filename), set())


def is_plain_name(filename: str) -> bool:
    """Whether the name is a name only: no folder, no control or direction character, not hidden, not endless."""
    if not filename or len(filename) > _LONGEST_NAME or filename.startswith("."):
        return False
    if any(character in "/\\:" for character in filename) or ".." in filename:
        return False
    return not any(unicodedata.category(character) in {"Cc", "Cf"} for character in filename)
