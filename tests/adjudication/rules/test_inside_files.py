"""What a paper says of its maker is gone; what it shows is still there."""

from __future__ import annotations

import struct
import zlib

import pytest

from adjudication.rules.inside_files import without_traces

SECRET = b"Ouyang Xiaoming, 31.2N 121.5E"


def segment(kind: int, body: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(*parts: bytes) -> bytes:
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


JFIF, TABLE, SCAN = segment(0xE0, b"JFIF\0\x01\x01"), segment(0xDB, b"t" * 65), b"\xff\xda\0\x04ab\x11\x22\xff\xd9"
SHOWN = {
    "image/jpeg": b"\xff\xd8" + JFIF + TABLE + SCAN,
    "image/png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"h" * 13) + chunk(b"IDAT", b"d") + chunk(b"IEND", b""),
    "image/webp": webp(riff(b"VP8X", b"\0" * 10), riff(b"VP8 ", b"picture")),
}
WITH_SECRET = [
    ("image/jpeg", b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + SECRET) + JFIF + TABLE + SCAN),
    ("image/jpeg", b"\xff\xd8" + JFIF + segment(0xED, SECRET) + segment(0xFE, SECRET) + TABLE + SCAN),
    ("image/jpeg", b"\xff\xd8" + JFIF + TABLE + SCAN + SECRET),
    (
        "image/png",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"h" * 13) + chunk(b"tEXt", SECRET) + chunk(b"eXIf", SECRET)
        + chunk(b"IDAT", b"d") + chunk(b"iTXt", SECRET) + chunk(b"IEND", b"") + SECRET,
    ),
    (
        "image/webp",
        webp(
            riff(b"VP8X", b"\x0c" + b"\0" * 9), riff(b"VP8 ", b"picture"), riff(b"EXIF", SECRET), riff(b"XMP ", SECRET)
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content_type", "content"), WITH_SECRET)
def test_pictures(content_type: str, content: bytes) -> None:
    assert SECRET in content
    assert without_traces(content, content_type) == SHOWN[content_type]


@pytest.mark.parametrize("content_type", SHOWN)
def test_a_picture_without_traces_stays_as_it_is(content_type: str) -> None:
    assert without_traces(SHOWN[content_type], content_type) == SHOWN[content_type]


@pytest.mark.parametrize("content_type", [*SHOWN, "application/pdf"])
@pytest.mark.parametrize("length", range(0, 60, 7))
def test_what_is_cut_off_makes_no_fault(content_type: str, length: int) -> None:
    whole = SHOWN.get(content_type, b"%PDF-1.7 /Author (A")
    without_traces(whole[:length], content_type)


@pytest.mark.parametrize(
    "said",
    [
        b"/Author(%b)",
        b"/Author (%b)",
        b"/Title(Report (of %b) \\) signed)",
        b"/Creator(%b)/Producer(x)",
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><dc:creator>%b</dc:creator></x:xmpmeta>",
    ],
)
def test_a_pdf_keeps_its_length_and_loses_its_author(said: bytes) -> None:
    content = b"%PDF-1.4\n1 0 obj<</Type/Page>>endobj\n4 0 obj<<" + said.replace(b"%b", SECRET) + b">>endobj\n%%EOF"
    found = without_traces(content, "application/pdf")
    assert SECRET not in found
    assert len(found) == len(content)
    assert found.startswith(b"%PDF-1.4\n1 0 obj<</Type/Page>>endobj\n4 0 obj<<")
    assert found.endswith(b">>endobj\n%%EOF")


def test_a_pdf_loses_an_author_in_hexadecimal() -> None:
    content = b"%PDF-1.4 4 0 obj<</Author<" + SECRET.hex().encode() + b">>>endobj"
    assert SECRET.hex().encode() not in without_traces(content, "application/pdf")


def test_a_text_stays_as_it_is() -> None:
    assert without_traces(SECRET, "text/plain") == SECRET
