"""Compiles every message catalogue with Babel: the gettext programs are not on every machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

BASE_DIR = Path(__file__).resolve().parent.parent
_FOREIGN = {"var", "node_modules", "__pycache__"}


class BrokenCatalogue(Exception):
    """A catalogue cannot be used; the text names file, line and fault."""


def catalogues(base: Path) -> Iterator[Path]:
    """Every `locale/<language>/LC_MESSAGES/*.po` of the project, at the top and in the apps."""
    for folder, names, _files in os.walk(base):
        names[:] = [name for name in names if name not in _FOREIGN and not name.startswith(".")]
        if Path(folder).name == "locale":
            yield from sorted(Path(folder).glob("*/LC_MESSAGES/*.po"))
            names.clear()


def compile_one(po: Path) -> bool:
    """Compile one catalogue unless its result is newer; True when it was compiled.

    A translation that lacks a placeholder of the source, or has another, is refused: it would fail before a user.
    """
    mo = po.with_suffix(".mo")
    if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
        return False
    with po.open("rb") as source:
        try:
            catalogue = read_po(source, locale=po.parent.parent.name, domain=po.stem, abort_invalid=True)
        except (PoFileError, UnicodeDecodeError) as error:
            raise BrokenCatalogue(f"{po}: {error}") from None
    faults = [
        f"{po}:{message.lineno}: {fault}"
        for message, errors in catalogue.check()
        for fault in errors
        if message.id and not message.fuzzy
    ]
    if faults:
        raise BrokenCatalogue("\n".join(faults))
    part = mo.with_name(f"{mo.name}.{os.getpid()}.part")
    with part.open("wb") as target:
        write_mo(target, catalogue, use_fuzzy=False)
    part.replace(mo)
    return True


def compile_all(base: Path = BASE_DIR) -> int:
    """Compile what has changed; the number of catalogues compiled."""
    return sum(compile_one(po) for po in catalogues(base))


def main() -> int:
    """Compile, and say how many catalogues had changed."""
    try:
        count = compile_all()
    except BrokenCatalogue as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Messages: {count} catalogue(s) compiled.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
