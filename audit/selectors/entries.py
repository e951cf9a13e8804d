"""Reading entries: who may, what they look for, and one page at a time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from audit.entries import FILLER
from audit.models import Entry
from audit.rooms import renamed_from

READ_LOG = "audit.read_log"
PAGE_SIZE = 50
STORY_SIZE = 200


@dataclass(frozen=True)
class EntryFilter:
    """What is looked for. `stream` is a stream (`panel:7`) or a claim's reference; `kind` a kind or its first part."""

    stream: str = ""
    actor: str = ""
    kind: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class EntryPage:
    """Some entries, newest first, and the id before which the next page begins (None: there is none)."""

    entries: list[Entry]
    older_than: int | None


def may_read_log(user: object) -> bool:
    """Whether somebody holds the permission to read the log."""
    # The rule behind the permission is registered by the app that knows the roles; this one imports no other.
    return bool(getattr(user, "has_perm", lambda _name: False)(READ_LOG))


def entries_visible_to(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Entry]:
    """The whole log for those with the permission to read it (auditors); nothing for anybody else."""
    return Entry.objects.all() if may_read_log(user) else Entry.objects.none()


def entry_seen_by(user: AbstractBaseUser | AnonymousUser, pk: int) -> Entry | None:
    """The entry with this number, for those who may read the log; None when there is none or they may not."""
    return entries_visible_to(user).filter(pk=pk).first()


def filtered(entries: QuerySet[Entry], wanted: EntryFilter) -> QuerySet[Entry]:
    """The entries that match every part of the filter."""
    if wanted.stream:
        entries = entries.filter(stream=stream_of(wanted.stream))
    if wanted.actor:
        entries = entries.filter(actor=wanted.actor)
    if wanted.kind:
        entries = of_kind(entries, wanted.kind)
    if wanted.since:
        entries = entries.filter(recorded_at__gte=wanted.since)
    if wanted.until:
        entries = entries.filter(recorded_at__lt=wanted.until)
    return entries


def without_fillers(entries: QuerySet[Entry], wanted: EntryFilter) -> QuerySet[Entry]:
    """Without the entries that only fill the tree, unless a kind or a stream was asked for; exports have them all."""
    return entries if wanted.kind or wanted.stream else entries.exclude(kind=FILLER)


def of_kind(entries: QuerySet[Entry], start: str) -> QuerySet[Entry]:
    """The entries whose kind begins with this text: under its name of today, or the one of the day it was written."""
    return entries.filter(Q(kind__startswith=start) | Q(kind__in=renamed_from(start)))


def page_of(entries: QuerySet[Entry], before: int | None = None, size: int = PAGE_SIZE) -> EntryPage:
    """The newest entries older than the id `before`: every page costs the same, however long the log is."""
    if before is not None:
        entries = entries.filter(pk__lt=before)
    found = list(entries.order_by("-pk")[: size + 1])
    shown = found[:size]
    return EntryPage(shown, shown[-1].pk if len(found) > size else None)


@dataclass(frozen=True)
class Story:
    """A part of what happened on one stream, in order, and the id after which the next part begins (None: the end)."""

    entries: list[Entry]
    newer_than: int | None


def story_of(entries: QuerySet[Entry], stream: str, after: int = 0, size: int = STORY_SIZE) -> Story:
    """Every act on the stream, oldest first: the order of a stream's entries is the order of its acts."""
    found = list(entries.filter(stream=stream, pk__gt=after).order_by("pk")[: size + 1])
    shown = found[:size]
    return Story(shown, shown[-1].pk if len(found) > size else None)


def stream_of(text: str) -> str:
    """The stream meant by what somebody typed: a bare reference is a claim's."""
    bare = text.strip()
    return bare if ":" in bare or bare == "demo" else f"claim:{bare.upper()}"


def facts_of(body: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The facts of an entry as name and value, those of inner tables under a dotted name."""
    if isinstance(body, dict) and body:
        for name, value in body.items():
            yield from facts_of(value, f"{path}.{name}" if path else str(name))
    elif path:
        yield path, body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
