"""Asks one page of each role over HTTP, as a browser would, to see that a running service serves them."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar

LOGIN_PATH = "/accounts/login/"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"')


class PageRefused(Exception):
    """A page did not come as it should; the text names the page and what came instead."""


@dataclass(frozen=True)
class Page:
    """What a visitor got: where they ended up, the status and the text."""

    url: str
    status: int
    text: str


class Visitor:
    """One person with a browser's cookies, following redirects."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> Page:
        """Ask a page."""
        return self._open(urllib.request.Request(self.base + path))  # noqa: S310 - the operator names the address

    def log_in(self, email: str, password: str) -> None:
        """Fill in the log-in form; raises PageRefused when the form comes back."""
        form = self.get(LOGIN_PATH)
        token = _TOKEN.search(form.text)
        if form.status != 200 or token is None:
            raise PageRefused(f"{LOGIN_PATH}: no log-in form (status {form.status})")
        fields = {"csrfmiddlewaretoken": token[1], "login": email, "password": password}
        request = urllib.request.Request(  # noqa: S310
            self.base + LOGIN_PATH,
            data=urllib.parse.urlencode(fields).encode(),
            headers={"Referer": self.base + LOGIN_PATH},
        )
        answer = self._open(request)
        if answer.status != 200 or urllib.parse.urlsplit(answer.url).path == LOGIN_PATH:
            raise PageRefused(f"{LOGIN_PATH}: the log-in was not accepted (status {answer.status})")

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=30) as answer:
                return Page(answer.url, answer.status, answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as error:
            return Page(error.url or "", error.code, error.read().decode(errors="replace"))
        except OSError as error:
            raise PageRefused(f"{request.full_url}: {error}") from None


def ask(visitor: Visitor, path: str) -> Page:
    """The page at `path`; raises PageRefused unless it comes complete and without a redirect to the log-in."""
    page = visitor.get(path)
    if page.status != 200:
        raise PageRefused(f"{path}: status {page.status}")
    if urllib.parse.urlsplit(page.url).path == LOGIN_PATH:
        raise PageRefused(f"{path}: sent to the log-in")
    if "</html>" not in page.text.lower():
        raise PageRefused(f"{path}: not a whole page")
    return page
