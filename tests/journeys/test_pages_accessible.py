"""Every page that a role may read, with the demonstration's people and claims on it, on a phone and on a desk."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.urls import resolve, reverse
from playwright.sync_api import Error

from adjudication.models import Claim, Investigation
from adjudication.selectors.claims import own_claims
from adjudication.services.drafts import STEPS
from jury.models import Opinion, Seat
from members.models import User
from tests.journeys.conftest import Enter
from tests.journeys.looking import LANGUAGES, faults_of
from tests.journeys.visitor import DESK, PHONE, Visitor
from tests.test_access import EVERYBODY, TABLE, World

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCHEMES = ("light", "dark")
EVERYBODY_AS = ("anonymous", "outsider", "member")
"""Who looks at a page that is open to all: with no log-in, with nothing of one's own, and with something."""
FOR_PROGRAMS = "/api/v1/"
WITHOUT_SCRIPTS = {"demo_mail_picture"}
"""Its own security policy forbids scripts: nothing that a test runs in the page would ever end."""
MOST_ARE_PAGES = 100
IDLE = {"stranger", "idle_investigator"}
"""Kept for the question who is let in; their pages are those of others."""


@pytest.mark.usefixtures("transactional_db")
def test_everybody_can_use_every_page(enter: Enter, world: World) -> None:
    faults: list[str] = []
    turn = itertools.cycle(itertools.product(LANGUAGES, SCHEMES))
    visited = 0
    for role, user in world.users.items():
        if role in IDLE:
            continue
        visitor = enter(user)
        for path in sorted(set(_paths_of(role, user, world))):
            lang, scheme = next(turn)
            if _is_page(visitor, path, lang):
                faults += [f"{role} {fault}" for fault in _faults_of(visitor, path, lang, scheme)]
                visited += 1
        visitor.page.context.close()
    assert visited > MOST_ARE_PAGES
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


def _paths_of(role: str, user: User | None, world: World) -> Iterator[str]:
    """The pages in TABLE that this role may read, and further ones of the kinds that change with their contents."""
    for name, (allowed, arguments) in TABLE.items():
        path = reverse(name, kwargs=arguments(world))
        if path.startswith(FOR_PROGRAMS) or name in WITHOUT_SCRIPTS:
            continue
        is_own = not allowed >= EVERYBODY - {"anonymous"} or role in EVERYBODY_AS or name == "home"
        if role in allowed and is_own and hasattr(getattr(resolve(path).func, "view_class", None), "get"):
            yield path
    yield from _further_paths(role, user, world)


def _further_paths(role: str, user: User | None, world: World) -> Iterator[str]:
    """The pages of each claim, seat and request that the role has, beside the one that TABLE shows."""
    if role == "member":
        assert user is not None
        yield from (reverse("claim_draft", args=[world.draft.pk, step]) for step in (*STEPS, "discard"))
        for claim in own_claims(user):
            yield from (reverse(name, args=[claim.ref]) for name in ("claim_detail", "claim_facts", "claim_account"))
    if role == "juror":
        yield from (reverse("seat_detail", args=[seat.pk]) for seat in Seat.objects.filter(juror__person__user=user))
    if role == "professional":
        yield from (reverse("opinion_detail", args=[one.pk]) for one in Opinion.objects.filter(professional=user))
    if role in {"reviewer", "auditor"}:
        yield from (reverse("board_claim", args=[claim.ref]) for claim in Claim.objects.all())
    if role == "reviewer":
        late = Claim.objects.filter(findings__is_late=True).distinct()
        yield from (reverse(name, args=[one.ref]) for one in late for name in ("late_findings", "board_addendum"))
    if role == "investigator":
        yield from (f"{reverse('worklist')}?list={shown}" for shown in ("waiting", "mine", "signed"))
        theirs = Investigation.objects.filter(investigator=user, claim__findings__isnull=False).distinct()
        for one in theirs:
            for name in ("investigation_detail", "report_sign", "investigation_addendum"):
                yield reverse(name, args=[one.pk])
            yield reverse("duty_edit", args=[one.pk, "treating_hospitals"])
            yield reverse("fact_record", args=[one.pk, "severity"])


def _is_page(visitor: Visitor, path: str, lang: str) -> bool:
    """Open it in a language; False where it gives a file or an answer for programs."""
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": LANGUAGES[lang], "url": visitor.base}
    visitor.page.context.add_cookies([cookie])  # type: ignore[list-item]
    try:
        response = visitor.page.goto(visitor.base + path)
    except Error as error:
        if "Download is starting" in error.message:
            return False
        raise
    assert response is not None
    assert response.ok, f"{path}: {response.status}"
    return "text/html" in response.headers["content-type"]


def _faults_of(visitor: Visitor, path: str, lang: str, scheme: str) -> Iterator[str]:
    """The open page, small and wide; it turns from light to dark, or back, between the two."""
    for screen, shown in ((PHONE, scheme), (DESK, SCHEMES[1 - SCHEMES.index(scheme)])):
        _shows(visitor.page, screen, shown)
        where = f"{path} at {screen['width']} px, {lang}, {shown}"
        yield from (f"{where}: {fault}" for fault in faults_of(visitor.page, lang) + visitor.complaints.take())


def _shows(page: Page, screen: dict[str, int], scheme: str) -> None:
    page.set_viewport_size(screen)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
