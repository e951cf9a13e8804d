"""Where the keys of a TOML text stand: the parser of the standard library does not keep line numbers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

_WORD = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_WORD}(?:\s*\.\s*{_WORD})*"
_HEADER = re.compile(rf"(\[\[?)\s*({_DOTTED})\s*\]\]?\s*(#.*)?")
_KEY = re.compile(rf"({_DOTTED})\s*=")
_PART = re.compile(_WORD)
_LAST_STEP = re.compile(r"(\.[^.\[\]]+|\[[0-9]+\]|^[^.\[\]]+)$")
# A whole string, an escape-free literal one, a comment, or a bracket: what decides whether a value goes on below.
_TOKEN = re.compile(
    r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*|[\[\]{}]',
)


def key_lines(source: str) -> dict[str, int]:
    """The line (from 1) of every key and table, by its path as messages write it: `aid[2].amount`."""
    return _Scan().read(source)


def line_of(lines: Mapping[str, int], path: str) -> int | None:
    """The line of a path, or of the nearest table around it that stands in the text; None where none does."""
    while path:
        if path in lines:
            return lines[path]
        # A key in quotes may hold dots and brackets, or nothing: then the step is no word, and ends at its dot.
        shorter = _LAST_STEP.sub("", path)
        path = shorter if shorter != path else path.rpartition(".")[0]
    return None


def _parts(dotted: str) -> list[str]:
    """The words of a dotted key; one in quotes says what its escapes stand for."""
    return [next(iter(tomllib.loads(f"{part} = 0"))) if part[0] in "\"'" else part for part in _PART.findall(dotted)]


class _Scan:
    """One pass over the lines, with the table that they belong to and what an unfinished value waits for."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.table = ""
        self._entries: dict[str, int] = {}
        self._depth = 0
        self._quote = ""

    def read(self, source: str) -> dict[str, int]:
        """Look at every line."""
        # TOML's lines end with a line feed alone; `splitlines` would also break at what a text may hold.
        for number, line in enumerate(source.split("\n"), start=1):
            text = line.strip()
            if self._quote or self._depth > 0:
                self._go_on(text)
            elif text and not text.startswith("#"):
                self._start(text, number)
        return self.lines

    def _start(self, text: str, number: int) -> None:
        header = _HEADER.fullmatch(text)
        if header is not None:
            parts = _parts(header[2])
            self.table = self._path("", parts, is_entry=header[1] == "[[")
            self._note(self.table, number)
            return
        key = _KEY.match(text)
        if key is not None:
            parts = _parts(key[1])
            for end in range(1, len(parts) + 1):
                self._note(self._path(self.table, parts[:end]), number)
            self._go_on(text[key.end() :])

    def _path(self, before: str, parts: list[str], is_entry: bool = False) -> str:
        """The path of a key below `before`; a list of tables is counted on by its header, and meant by its last."""
        path = before
        for number, part in enumerate(parts, start=1):
            path = f"{path}.{part}" if path else part
            if is_entry and number == len(parts):
                self._entries[path] = self._entries.get(path, 0) + 1
            if path in self._entries:
                path = f"{path}[{self._entries[path]}]"
        return path

    def _note(self, path: str, number: int) -> None:
        self.lines.setdefault(path, number)
        self.lines.setdefault(re.sub(r"\[[0-9]+\]$", "", path), number)

    def _go_on(self, text: str) -> None:
        """Follow a value to the end of its line; returns whether a long string or a bracket stays open."""
        at = 0
        while at < len(text):
            if self._quote:
                end = text.find(self._quote, at)
                if end < 0:
                    return
                at, self._quote = end + 3, ""
                continue
            token = _TOKEN.search(text, at)
            if token is None:
                return
            at = token.end()
            if token[0] in {'"""', "'''"}:
                self._quote = token[0]
            elif token[0] in "[{":
                self._depth += 1
            elif token[0] in "]}":
                self._depth -= 1
