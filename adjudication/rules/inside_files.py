"""What a paper says of its maker, not what it shows: place, device, author. Removed without touching what it shows.

Pictures lose every part that no viewer needs (JPEG: ISO 10918-1, PNG: ISO 15948, WebP: RFC 9649). A PDF
is cleaned by `adjudication.rules.inside_pdfs`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from adjudication.rules.inside_pdfs import cleaned_pdf

_START_OF_SCAN, _END = 0xDA, 0xD9
_KEPT_APPS = frozenset({0xE0, 0xE2, 0xEE})
"""JFIF, the colour profile, and Adobe's word on the colours: without them the picture looks different."""
_COMMENT = 0xFE
_KEPT_PNG = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"}
)
_KEPT_WEBP = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"})
_WEBP_METADATA = 0b0000_1100
_PNG_START = b"\x89PNG\r\n\x1a\n"


def without_traces(content: bytes, content_type: str) -> bytes:
    """The same paper without what it says of its maker; one whose structure is broken is cut where it breaks."""
    strip = _BY_TYPE.get(content_type)
    return strip(content) if strip else content


def tells_maker(content: bytes, content_type: str) -> bool:
    """Whether a paper can still say who made it when `without_traces` is done: a file inside it, a lock, a part that
    can't be read.
    """
    return content_type == "application/pdf" and not cleaned_pdf(content).is_whole


def _jpeg(content: bytes) -> bytes:
    kept, at = [content[:2]], 2
    while at + 2 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        if kind in {_START_OF_SCAN, _END}:
            end = content.rfind(b"\xff\xd9")
            # Behind the end of the picture others hide more: a second picture, a film, a position.
            return b"".join(kept) + content[at : end + 2 if end >= at else len(content)]
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        is_app = 0xE0 <= kind <= 0xEF
        if kind != _COMMENT and not (is_app and kind not in _KEPT_APPS):
            kept.append(content[at:end])
        at = end
    return b"".join(kept)


def _png(content: bytes) -> bytes:
    return _PNG_START + b"".join(part for kind, part in _png_parts(content) if kind in _KEPT_PNG)


def _png_parts(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG_START)
    while at + 12 <= len(content):
        end = at + 12 + struct.unpack(">I", content[at : at + 4])[0]
        yield content[at + 4 : at + 8], content[at:end]
        at = end


def _webp(content: bytes) -> bytes:
    kept, at = [], 12
    while at + 8 <= len(content):
        kind = content[at : at + 4]
        size = struct.unpack("<I", content[at + 4 : at + 8])[0]
        end = at + 8 + size + size % 2
        part = content[at:end]
        if kind == b"VP8X":
            part = part[:8] + bytes([part[8] & ~_WEBP_METADATA]) + part[9:]
        if kind in _KEPT_WEBP:
            kept.append(part)
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _pdf(content: bytes) -> bytes:
    return cleaned_pdf(content).content


_BY_TYPE: dict[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "application/pdf": _pdf,
}
