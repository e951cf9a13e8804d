"""Searching for people, with an entry for each search: else staff could test unseen whether somebody is a member."""

from __future__ import annotations

from django.db import transaction

from audit.services import append
from members.access import is_auditor, is_reviewer
from members.errors.roles import ReviewersAndAuditorsOnly
from members.models import User
from members.selectors.search import ANYTHING, FoundPage, find_people


@transaction.atomic
def search_people(*, term: str, by: User, kind: str = ANYTHING, before: int | None = None) -> FoundPage:
    """One page of the people for whom a term is an exact value, and an entry in the log for each search.

    The entry has the kind of value and how many were found on the first page, never the value. Further pages of the
    same search are not entered again. Raises ReviewersAndAuditorsOnly, and KeyError for a kind that is none of `WAYS`.
    """
    if not (is_reviewer(by) or is_auditor(by)):
        raise ReviewersAndAuditorsOnly
    page = find_people(by, term=term, by=kind, before=before)
    if before is None:
        body = {"kind": kind, "found": len(page.people), "has_more": page.next_before is not None}
        append(kind="people.searched", stream=by.audit_ref, by=by, body=body)
    return page
