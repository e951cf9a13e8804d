"""One person at a browser: goes, reads, fills in, presses; every page on the way is looked at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.test import Client

from tests.journeys.looking import Complaints, faults_of

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from members.models import User

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PATIENCE_MS = 15_000


class Visitor:
    """A person with cookies of their own. `looks_around` off is for browsers without script, where axe cannot run."""

    def __init__(self, page: Page, base: str, *, looks_around: bool = True) -> None:
        page.set_default_timeout(PATIENCE_MS)
        self.page = page
        self.base = base
        self._looks_around = looks_around
        self.complaints = Complaints(page)

    def is_signed_in_as(self, user: User) -> Visitor:
        """Carry the session of somebody who has signed in."""
        client = Client()
        client.force_login(user, backend="members.sessions.LogInBackend")
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.base}
        self.page.context.add_cookies([cookie])  # type: ignore[list-item]
        return self

    def signs_in(self, email: str, password: str) -> Visitor:
        """Through the form, as everybody does."""
        self.goes_to("/accounts/login/")
        self.writes("Email", email)
        self.writes("Password", password)
        self.presses("Sign in")
        return self

    def goes_to(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.looks()

    def follows(self, name: str, within: Locator | None = None) -> None:
        """Click the first link of that name."""
        with self.page.expect_navigation():
            (within or self.main).get_by_role("link", name=name).first.click()
        self.looks()

    def presses(self, name: str, within: Locator | None = None) -> None:
        """Press the button of that name, which sends its form."""
        with self.page.expect_navigation():
            (within or self.main).get_by_role("button", name=name).first.click()
        self.looks()

    def looks(self) -> None:
        """Fails with every fault of the page that is open."""
        faults = self.complaints.take()
        if self._looks_around:
            faults += faults_of(self.page)
        assert not faults, f"{self.page.url} at {self.page.viewport_size}:\n" + "\n".join(faults)

    def writes(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def chooses(self, label: str, *, of: str | None = None) -> None:
        """A radio button, of the question `of` where several have that answer."""
        group = self.main.get_by_role("radiogroup", name=of) if of else self.main
        group.get_by_role("radio", name=label).first.check()

    def ticks(self, *labels: str) -> None:
        for label in labels:
            self.main.get_by_role("checkbox", name=label).first.check()

    def hands_in(self, label: str, *files: tuple[str, str, bytes]) -> None:
        """Choose files, each given as name, content type and bytes."""
        chosen: Sequence[Any] = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
        self.field(label).set_input_files(chosen)

    def field(self, label: str) -> Locator:
        """The field with exactly this label, whether it must be filled in or not."""
        labelled = self.main.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*(\(optional\))?\s*$"))
        return self.main.locator("input, textarea, select").and_(labelled)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        """What stands on the page."""
        return self.main.inner_text()

    @property
    def errors(self) -> str:
        """The summary of mistakes on top of the page."""
        return self.page.locator(".error-summary").inner_text()

    def sees(self, *texts: str) -> None:
        shown = self.text
        for text in texts:
            assert text in shown, f"{self.page.url} does not say {text!r}:\n{shown}"

    def sees_nothing_of(self, *texts: str) -> None:
        source = self.page.content()
        for text in texts:
            assert text not in source, f"{self.page.url} reveals {text!r}"
