"""In what an import file is written: UTF-8, or something else that is read when it is named, or at least named."""

from __future__ import annotations

import codecs
import hashlib
import tempfile
from typing import BinaryIO, Literal

Encoding = Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5")
_SAMPLE_BYTES = 1024 * 1024
_AT_ONCE = 1024 * 1024
_FEWEST_LINES = 2
"""A single line that is not UTF-8 is a fault of that line; two, and none that is, are a file in something else."""
_NAMES: dict[Encoding, str] = {"gb18030": "GB18030 (or GBK)", "big5": "Big5"}


class NotEncoded(Exception):
    """The bytes are not what they were said to be, or can't be UTF-8; the text says what they are."""


def encoding_of(file: BinaryIO) -> Encoding:
    """UTF-8, or UTF-16 where the file says so by its mark or by zeros; the file is at its start again afterwards.

    Raises NotEncoded, with the likely encoding, where it is something that only its author knows for certain.
    """
    sample = file.read(_SAMPLE_BYTES)
    file.seek(0)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if sample[1:2] == b"\0" and sample[3:4] == b"\0" and sample[:1] != b"\0":
        return "utf-16-le"
    if sample[:1] == b"\0" and sample[2:3] == b"\0":
        return "utf-16-be"
    lines = [line for line in sample.splitlines() if not line.isascii()]
    if len(sample) == _SAMPLE_BYTES:
        # The last one may be cut in the middle of a character.
        lines = lines[:-1]
    bad = [line for line in lines if not _is(line, "utf-8")]
    if len(bad) < _FEWEST_LINES or len(bad) < len(lines):
        return "utf-8"
    found = _likely(bad)
    raise NotEncoded(
        f"is not UTF-8; by its bytes it is {_NAMES[found]}. Give --encoding {found} if that is so, or save it as UTF-8"
        if found
        else "is not UTF-8. Save it as UTF-8 (in Excel: CSV UTF-8)"
    )


def recoded(file: BinaryIO, encoding: Encoding, whole: hashlib._Hash) -> BinaryIO:
    """The same text in UTF-8, in an unnamed temporary file at its start; `whole` is given the bytes read.

    Raises NotEncoded and OSError.
    """
    made: BinaryIO = tempfile.TemporaryFile(prefix="assize-import-")  # noqa: SIM115 - the caller closes it
    decode = codecs.getincrementaldecoder(encoding)(errors="strict").decode
    done = 0
    try:
        while piece := file.read(_AT_ONCE):
            whole.update(piece)
            made.write(decode(piece).encode())
            done += len(piece)
        made.write(decode(b"", final=True).encode())
    except UnicodeError:
        made.close()
        raise NotEncoded(f"is not {encoding} from byte {done:,} on, or not far behind") from None
    made.seek(0)
    return made


def _likely(lines: list[bytes]) -> Encoding | None:
    """GB2312's own characters have both bytes in the upper half; Big5's second ones are often in the lower."""
    if all(_is(line, "gb2312") for line in lines):
        return "gb18030"
    if all(_is(line, "big5") for line in lines):
        return "big5"
    return "gb18030" if all(_is(line, "gb18030") for line in lines) else None


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
