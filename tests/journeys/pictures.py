"""Takes the README's pictures of a running demonstration: `.venv/bin/python -m tests.journeys.pictures`.

`make run` first; another address than http://127.0.0.1:8000 is given as the only argument.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
from playwright.sync_api import sync_playwright

from scripts.browser import NAMES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.journeys.visitor import Visitor

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
MOST_BYTES = 150_000


@dataclass(frozen=True)
class Picture:
    """What one role looks at most: the way to it from the role's first page, and the screen it is for."""

    name: str
    shows: Callable[[Visitor], None]
    screen: dict[str, int]


def _member(visitor: Visitor) -> None:
    visitor.goes_to("/claims/")
    visitor.page.locator("main table a").last.click()


def _investigator(visitor: Visitor) -> None:
    visitor.goes_to("/investigations/?list=mine")
    visitor.page.locator("main table a").first.click()


def _juror(visitor: Visitor) -> None:
    visitor.goes_to("/seats/")
    visitor.page.locator("#to-vote ~ * a").first.click()
    visitor.follows("Vote")
    visitor.chooses("I support the claim")
    _scrolls_to(visitor, "main fieldset")


def _professional(visitor: Visitor) -> None:
    visitor.goes_to("/opinions/")
    visitor.page.locator("#to-give ~ * a").first.click()
    _scrolls_to(visitor, "#questions")


def _scrolls_to(visitor: Visitor, selector: str) -> None:
    visitor.page.locator(selector).first.evaluate(
        "(each) => scrollTo(0, each.getBoundingClientRect().top + scrollY - 24)"
    )


def _reviewer(visitor: Visitor) -> None:
    visitor.goes_to("/board/")


def _auditor(visitor: Visitor) -> None:
    visitor.goes_to("/audit/?kind=ballot")


def _public(visitor: Visitor) -> None:
    visitor.goes_to("/")
    visitor.follows("Read the whole notice and check the sum")


PICTURES = (
    Picture("member", _member, PHONE),
    Picture("investigator", _investigator, DESK),
    Picture("juror", _juror, PHONE),
    Picture("professional", _professional, DESK),
    Picture("reviewer", _reviewer, DESK),
    Picture("auditor", _auditor, DESK),
    Picture("public", _public, DESK),
)


def take(browser: Browser, base: str, picture: Picture) -> Path:
    """Sign in as the demonstration's person of that role, go to the page, and keep its first screen."""
    from members.demo.logins import LOGINS, PASSWORD
    from tests.journeys.visitor import Visitor

    options: dict[str, Any] = {"viewport": picture.screen, "device_scale_factor": 1, "locale": "en-GB"}
    page = browser.new_context(**options).new_page()
    visitor = Visitor(page, base, looks_around=False)
    login = next((login for login in LOGINS if login.role == picture.name), None)
    if login is not None:
        visitor.signs_in(login.email, PASSWORD)
    picture.shows(visitor)
    page.wait_for_load_state("networkidle")
    path = IMAGES / f"{picture.name}.png"
    page.screenshot(path=path, animations="disabled")
    page.context.close()
    return path


def main(base: str) -> int:
    """Renew all pictures; 1 when one has become too large to be looked at over a slow line."""
    os.environ.setdefault("ASSIZE_MODE", "demo")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    IMAGES.mkdir(parents=True, exist_ok=True)
    chromium = next(found for name in NAMES if (found := shutil.which(name)))
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    sizes = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for picture in PICTURES:
            path = take(browser, base.rstrip("/"), picture)
            sizes[path] = path.stat().st_size
            sys.stdout.write(f"{path.relative_to(IMAGES.parents[1])}: {sizes[path] // 1000} kB\n")
        browser.close()
    return 1 if max(sizes.values()) > MOST_BYTES else 0


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["http://127.0.0.1:8000"])))
