"""What is inside a file, told from its content."""

from __future__ import annotations

import pytest

from adjudication.files import JPEG, JSON, PDF, PNG, TEXT, WEBP, is_known_extension, is_plain_name, matches, sniff
from tests.adjudication import making


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (making.PDF, PDF),
        (making.JPEG, JPEG),
        (making.PNG, PNG),
        (making.WEBP, WEBP),
        (b"Discharged on 3 May.\r\n", TEXT),
        ("出院小结".encode(), TEXT),
        (b"\xef\xbb\xbfwith a mark", TEXT),
        (b'{"resourceType": "Claim"}', JSON),
        (b"[1, 2]", JSON),
        (b"{not json", TEXT),
        (b"[" * 100_000, TEXT),
        (b"MZ\x90\x00\x03", None),
        (b"\x7fELF\x02", None),
        (b"PK\x03\x04", None),
        (b"GIF89a", TEXT),
        (b"GIF89a\x01\x00", None),
        (b"<!DOCTYPE html><script>", None),
        (b"  <html>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
        (b"<?xml version='1.0'?>", None),
        (b"#!/bin/sh\nrm", None),
        (b"\xff\xfe\x00", None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\x89PNG\r\n\x1a\nnothing of the kind", None),
        (b"text with \x00 in it", None),
    ],
)
def test_content_decides(content: bytes, found: str | None) -> None:
    assert sniff(content) == found


@pytest.mark.parametrize(
    ("name", "content_type", "agrees"),
    [
        ("a.pdf", PDF, True),
        ("A.PDF", PDF, True),
        ("a.pdf", PNG, False),
        ("a.jpeg", JPEG, True),
        ("a.jpg", PNG, False),
        ("a.txt", TEXT, True),
        ("a.txt", JSON, True),
        ("a.json", TEXT, False),
        ("a.pdf.exe", PDF, False),
        ("pdf", PDF, False),
    ],
)
def test_the_name_must_agree(name: str, content_type: str, agrees: bool) -> None:
    assert matches(name, content_type) is agrees


def test_unknown_endings_are_known_to_be_unknown() -> None:
    assert is_known_extension("x.WebP")
    assert not is_known_extension("x.exe")
    assert not is_known_extension("noending")


@pytest.mark.parametrize(
    ("name", "is_plain"),
    [
        ("report.pdf", True),
        ("检查报告 (1).pdf", True),
        ("../report.pdf", False),
        ("a/b.pdf", False),
        ("a\\b.pdf", False),
        ("C:report.pdf", False),
        (".hidden.pdf", False),
        ("", False),
        ("x" * 147 + ".pdf", False),
        ("a\x00.pdf", False),
        ("a\nb.pdf", False),
        ("gpj.\u202efdp.pdf", False),
    ],
)
def test_a_name_holds_no_path(name: str, is_plain: bool) -> None:
    assert is_plain_name(name) is is_plain
