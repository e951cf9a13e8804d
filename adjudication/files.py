"""What is inside an uploaded file: detected from its content, never from what the browser claims."""

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
"""The types that a page's file chooser offers; JSON comes from other systems only."""
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
_MOST_BEFORE_PDF = 64
_MARKUP = ("<!doctype", "<html", "<script", "<svg", "<?xml", "<?php", "<body", "<head", "#!", "mz\x90")
_BLANKS = frozenset("\n\r\t\f")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as uploaded: its bytes, and the name it was given."""

    content: bytes
    filename: str


def sniff(content: bytes) -> str | None:
    """The content type of a PDF, JPEG, PNG, WebP, JSON or plain UTF-8 text; None for everything else."""
    # Some programs write a mark of text or an empty line in front; readers of PDF pass over it.
    if content[:_MOST_BEFORE_PDF].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t ").startswith(b"%PDF-"):
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


def other_encoding(content: bytes) -> str:
    """What a text that is not UTF-8 is written in, by its bytes; empty for what is no such text."""
    if _is_utf8(content):
        return ""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = [("utf-16", "UTF-16")]
    else:
        # By their common characters: in the whole of GB18030 almost any bytes mean something.
        candidates = [("gb2312", "GB18030 (GBK)"), ("big5", "Big5"), ("gbk", "GB18030 (GBK)")]
    for codec, name in candidates:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if all(letter in _BLANKS or unicodedata.category(letter) not in {"Cc", "Co", "Cn"} for letter in text):
            return name
    return ""


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def extension(filename: str) -> str:
    """The part after the last dot, in lower case."""
    return filename.rpartition(".")[2].lower() if "." in filename else ""


def is_known_extension(filename: str) -> bool:
    """Whether the name has the extension of an accepted type."""
    return extension(filename) in _EXTENSIONS


def matches(filename: str, content_type: str) -> bool:
    """Whether the extension and the content agree."""
    return content_type in _EXTENSIONS.get(extension(filename), set())


def is_plain_name(filename: str) -> bool:
    """Whether the name is a name only: no folder, no control or direction character, not hidden, not endless."""
    if not filename or len(filename) > _LONGEST_NAME or filename.startswith("."):
        return False
    if any(character in "/\\:" for character in filename) or ".." in filename:
        return False
    return not any(unicodedata.category(character) in {"Cc", "Cf"} for character in filename)
