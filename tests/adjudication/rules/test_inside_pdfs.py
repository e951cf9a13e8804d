"""What a PDF says of its maker inside its compressed parts, and what is named because it can't be reached."""

from __future__ import annotations

import zlib

import pytest

from adjudication.rules.inside_files import tells_maker, without_traces
from adjudication.rules.inside_pdfs import cleaned_pdf

SECRET = b"Ouyang Xiaoming"
INFO = b"1 0 2 40 <</Author(%b)/Title(Report of %b)>> <</Type/Page>>".replace(b"%b", SECRET)
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><dc:creator>%b</dc:creator></x:xmpmeta>".replace(b"%b", SECRET)
NOTE = b"7 0 8 60 <</Type/Annot/Subtype/Text/T(%b)/M(D:2026)/Contents(See page 2)>>".replace(b"%b", SECRET)


def part(kind: bytes, said: bytes, extra: bytes = b"") -> bytes:
    packed = zlib.compress(said, 1)
    head = b"3 0 obj\n<</Type%b/Filter/FlateDecode%b/Length %d>>\nstream\n" % (kind, extra, len(packed))
    return head + packed + b"\nendstream\nendobj\n"


def paper(*parts: bytes) -> bytes:
    return b"%PDF-1.5\n1 0 obj<</Type/Catalog>>endobj\n" + b"".join(parts) + b"startxref\n9\n%%EOF"


def unpacked(content: bytes) -> bytes:
    """All that the compressed parts of a PDF say, as a reader sees it."""
    said, at = b"", 0
    while (found := content.find(b"stream\n", at)) >= 0:
        at = found + len(b"stream\n")
        if content[found - 3 : found] != b"end":
            said += zlib.decompressobj().decompress(content[at:])
    return said


@pytest.mark.parametrize(
    ("kind", "said"), [(b"/ObjStm/N 2/First 8", INFO), (b"/Metadata/Subtype/XML", XMP), (b"/ObjStm/N 2", NOTE)]
)
def test_an_author_in_a_compressed_part_is_gone_and_the_file_keeps_its_length(kind: bytes, said: bytes) -> None:
    content = paper(part(kind, said))
    assert SECRET in unpacked(content)
    assert SECRET not in content
    cleaned = cleaned_pdf(content)
    assert cleaned.is_whole
    assert len(cleaned.content) == len(content)
    assert SECRET not in unpacked(cleaned.content)
    assert len(unpacked(cleaned.content)) == len(said), "each object stays at its place"
    assert cleaned.content.endswith(b"endstream\nendobj\nstartxref\n9\n%%EOF")


def test_what_a_note_says_stays() -> None:
    assert b"(See page 2)" in unpacked(without_traces(paper(part(b"/ObjStm", NOTE)), "application/pdf"))


def test_what_a_page_shows_is_not_touched() -> None:
    shown = part(b"/XObject", b"BT /Author (%b) Tj ET" % SECRET)
    assert without_traces(paper(shown), "application/pdf") == paper(shown)


def test_a_part_between_two_others_and_clear_text_around_it() -> None:
    clear = b"4 0 obj<</Author(%b)>>endobj\n" % SECRET
    found = without_traces(
        paper(clear, part(b"/ObjStm", INFO), clear, part(b"/Metadata", XMP), clear), "application/pdf"
    )
    assert SECRET not in found
    assert SECRET not in unpacked(found)


@pytest.mark.parametrize(
    "content",
    [
        paper(b"5 0 obj<</Type/EmbeddedFile/Length 3>>stream\nabc\nendstream endobj\n"),
        paper(b"5 0 obj<</Names<</EmbeddedFiles 6 0 R>>>>endobj\n"),
        paper(part(b"/ObjStm", b"<</EmbeddedFiles 6 0 R>>")),
        paper(b"trailer<</Encrypt 9 0 R>>\n"),
        paper(part(b"/ObjStm", INFO, b"/DecodeParms<</Predictor 12>>")),
        paper(b"5 0 obj<</Type/ObjStm/Filter/LZWDecode>>stream\nabc\nendstream endobj\n"),
        paper(b"5 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\nabc\nendstream endobj\n"),
        paper(
            b"5 0 obj<</Type/Metadata/Filter/FlateDecode>>stream\n" + zlib.compress(XMP)[:30] + b"\nendstream endobj\n"
        ),
    ],
)
def test_what_cannot_be_reached_is_named(content: bytes) -> None:
    assert tells_maker(content, "application/pdf")


def test_a_part_that_does_not_fit_in_its_place_is_named() -> None:
    """Blanks compress better than what they replace; a part that was packed better than this library can is rare."""
    said = b"<</Author(a)>>" + bytes(range(256)) * 3
    packed = zlib.compress(said, 9)
    short = part(b"/ObjStm", said).replace(zlib.compress(said, 1), packed)
    assert cleaned_pdf(short).is_whole
    assert not tells_maker(b"%PDF-1.4\n1 0 obj<</Author(x)>>endobj", "application/pdf")
    assert not tells_maker(SECRET, "text/plain")
