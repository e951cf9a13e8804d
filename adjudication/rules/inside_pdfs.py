"""What a PDF says of its maker (ISO 32000), and whether all of it could be reached.

The file keeps its length, so that every place in it stays where its tables say it is: what is found is overwritten with
blanks, in clear and inside the compressed parts where objects and metadata stand. What can't be blanked so, such as a
file inside the file or an encrypted one, is named, for those who decide who may read the paper.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = rb"(?:\((?P<text>(?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*)\)|<(?P<hex>[0-9A-Fa-f\s]*)>)"
_INFO = re.compile(
    rb"/(?:Title|Author|Subject|Keywords|Creator|Producer|Company|Manager|CreationDate|ModDate|M|NM|T)\s*" + _STRING,
    re.DOTALL,
)
"""Of the information dictionary, and of annotations: who wrote them (T), when (M), and their name (NM)."""
_XMP = re.compile(rb"(?<=<x:xmpmeta)(?P<text>.*?)(?P<hex>)(?=</x:xmpmeta>)", re.DOTALL)
_STREAM = re.compile(rb"(?P<dict><<(?:(?!endobj|stream).){0,4000}?>>)\s*stream\r?\n", re.DOTALL)
_HOLDS = re.compile(rb"/Type\s*/(?:ObjStm|Metadata)\b")
_DEFLATED = re.compile(rb"/Filter\s*(?:\[\s*)?/FlateDecode\s*(?:\])?")
_PREDICTED = re.compile(rb"/Predictor\s*(?:[2-9]|1\d)")
_FILES = re.compile(rb"/EmbeddedFiles?\b")
_LOCKED = re.compile(rb"/Encrypt\b")
MOST_BYTES = 50_000_000
"""More than this no compressed part of a paper unpacks to."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The file without what was reached, and whether that was all."""

    content: bytes
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """One compressed part that holds objects or metadata: its place and what it says; None where it can't be read."""

    start: int
    end: int
    said: bytes | None


def cleaned_pdf(content: bytes) -> Cleaned:
    """A PDF without the names and days of its makers.

    Not whole where it is encrypted, holds other files, or has a compressed part that can't be read or written again in
    its place.
    """
    pieces, at, is_whole = [], 0, not _LOCKED.search(content) and not _FILES.search(content)
    for part in _parts(content):
        if part.said is None:
            is_whole = False
            continue
        is_whole = is_whole and not _FILES.search(part.said)
        blanked = _without(part.said)
        if blanked == part.said:
            continue
        packed = zlib.compress(blanked, 9)
        if len(packed) > part.end - part.start:
            is_whole = False
            continue
        # Readers stop at the end of the compressed data; what follows it only keeps the length.
        pieces += [_without(content[at : part.start]), packed.ljust(part.end - part.start, b"\n")]
        at = part.end
    return Cleaned(b"".join([*pieces, _without(content[at:])]), bool(is_whole))


def _parts(content: bytes) -> Iterator[_Part]:
    at = 0
    while found := _STREAM.search(content, at):
        start = found.end()
        end = content.find(b"endstream", start)
        if end < 0:
            return
        at = end
        said = found["dict"]
        if not _HOLDS.search(said):
            continue
        if b"/Filter" not in said:
            continue  # in clear: blanked with the rest
        is_plain = _DEFLATED.search(said) and not _PREDICTED.search(said)
        yield _Part(start, end, _unpacked(content[start:end]) if is_plain else None)


def _unpacked(packed: bytes) -> bytes | None:
    unpacking = zlib.decompressobj()
    try:
        said = unpacking.decompress(packed, MOST_BYTES)
    except zlib.error:
        return None
    return said if unpacking.eof else None


def _without(content: bytes) -> bytes:
    return _XMP.sub(_blanked, _INFO.sub(_blanked, content))


def _blanked(found: re.Match[bytes]) -> bytes:
    name = "text" if found["text"] is not None else "hex"
    start, end = found.start(name) - found.start(), found.end(name) - found.start()
    blank = b" " if name == "text" else b"0"
    return found[0][:start] + blank * (end - start) + found[0][end:]
