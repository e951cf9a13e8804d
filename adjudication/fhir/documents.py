"""From a file to single resources: Bundles of every type, lists, Parameters, NDJSON, one inside the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from adjudication.fhir.records import Broken, Ignored

DEEPEST = 8
"""A Bundle in an answer in a list is three; no server nests deeper than a few."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value that should be a resource, with what its Bundle says of it. A deletion has no resource."""

    place: str
    value: Any
    full_url: str = ""
    scope: int = 0
    deleted: str = ""
    """The address of a resource that was deleted."""
    stamp: tuple[str, str] = ("", "")
    """When the server changed it and its entity tag, as the entry of a history gives them."""


@dataclass
class _Scopes:
    last: int = 0

    def new(self) -> int:
        self.last += 1
        return self.last


def resources_in(text: str) -> Iterator[Found | Broken | Ignored]:
    """Every resource of a document, or of NDJSON (whose lines may be documents), in the file's order."""
    scopes = _Scopes()
    whole = _whole_document(text)
    if whole is not None:
        yield from _document(whole[0], "", scopes, 0)
        return
    # Not `splitlines`: it also breaks at separators that JSON strings may contain (U+2028).
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            value = _loads(line)
        except (ValueError, RecursionError) as error:
            yield Broken(place, f"not JSON ({error})")
            continue
        yield from _document(value, place, scopes, 0)


def _whole_document(text: str) -> tuple[Any] | None:
    """The file as one JSON value that spans several lines, as Bundles are written; None for NDJSON."""
    stripped = text.strip()
    first_line = stripped.partition("\n")[0]
    try:
        _loads(first_line)
    except (ValueError, RecursionError):
        try:
            return (_loads(stripped),)
        except (ValueError, RecursionError):
            return None
    return None


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Which of two values is meant, nobody can say: `refuted` and `confirmed` under one name.
        raise ValueError("a name appears twice in one object")
    return found


def _no_number(written: str) -> NoReturn:
    raise ValueError(f"{written} is no number in JSON")


def _document(value: Any, place: str, scopes: _Scopes, depth: int) -> Iterator[Found | Broken | Ignored]:
    if depth > DEEPEST:
        yield Broken(place, f"nested more than {DEEPEST} deep")
    elif isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield from _document(one, f"{place}, item {number}".lstrip(", "), scopes, depth + 1)
    elif isinstance(value, dict) and value.get("resourceType") == "Bundle":
        yield from _bundle(value, place, scopes, depth)
    elif isinstance(value, dict) and value.get("resourceType") == "Parameters":
        yield from _parameters(value, place, scopes, depth)
    else:
        yield Found(place or "file", value)


def _bundle(value: dict[str, Any], place: str, scopes: _Scopes, depth: int) -> Iterator[Found | Broken | Ignored]:
    entries = value.get("entry") or []
    if not isinstance(entries, list):
        yield Broken(place or "file", "a Bundle whose entry is no list")
        return
    scope = scopes.new()
    for number, entry in enumerate(entries, 1):
        here = f"{place}, entry {number}".lstrip(", ")
        if not isinstance(entry, dict):
            yield Broken(here, "no FHIR resource: an object with resourceType is needed")
            continue
        resource = entry.get("resource")
        if isinstance(resource, dict) and resource.get("resourceType") in {"Bundle", "Parameters"}:
            yield from _document(resource, here, scopes, depth + 1)
        else:
            yield _entry(entry, resource, here, scope)


def _entry(entry: dict[str, Any], resource: Any, place: str, scope: int) -> Found | Broken | Ignored:
    full_url = str(entry.get("fullUrl") or "")
    request, response = _object(entry.get("request")), _object(entry.get("response"))
    stamp = (str(response.get("lastModified") or ""), str(response.get("etag") or ""))
    if str(request.get("method") or "").upper() == "DELETE":
        # The entry of a deletion may still hold the resource as it was.
        return Found(place, None, full_url, scope, deleted=full_url or str(request.get("url") or "?"), stamp=stamp)
    if resource is None and (request or response):
        return Ignored(place, "An entry without a resource", "")
    return Found(place, resource, full_url, scope, stamp=stamp)


def _parameters(value: dict[str, Any], place: str, scopes: _Scopes, depth: int) -> Iterator[Found | Broken | Ignored]:
    found = value.get("parameter") or []
    if not isinstance(found, list):
        yield Broken(place or "file", "Parameters whose parameter is no list")
        return
    for number, one in enumerate(found, 1):
        here = f"{place}, parameter {number}".lstrip(", ")
        one = _object(one)
        if one.get("resource") is not None:
            yield from _document(one["resource"], here, scopes, depth + 1)
        if one.get("part"):
            yield from _document({"resourceType": "Parameters", "parameter": one["part"]}, here, scopes, depth + 1)
    if not found:
        yield Ignored(place or "file", "Parameters", str(value.get("id", "")))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
