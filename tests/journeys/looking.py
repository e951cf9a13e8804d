"""Visible faults of a page: each in one line that names rule and node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]

from tests.conftest import WCAG_TAGS

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Error, Page

LANGUAGES = {"en": "en", "zh-Hans": "zh-hans"}
"""By the page's `lang`: the code that the service knows the language under."""
_NODES_NAMED = 3
# What a library draws on the API's page is the library's. A frame without scripts, such as a mail's, never answers axe.
_AXE = """async (tags) => {
    const whole = {include: document, exclude: document.querySelectorAll("#swagger-ui")};
    const wanted = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], preload: false, iframes: false};
    const result = await axe.run(whole, wanted);
    return result.violations.map(({id, nodes}) => ({id, nodes: nodes.map(({html, target}) => `${target} ${html}`)}));
}"""
_FORM = """() => ({
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1:not(#swagger-ui *)")].map((each) => each.innerText.trim()),
    excess: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide: [...document.querySelectorAll("body *")]
        .filter((each) => getComputedStyle(each).overflowX === "visible" && each.clientWidth)
        .filter((each) => each.getBoundingClientRect().left + each.scrollWidth > innerWidth + 1)
        .map((each) => each.outerHTML.slice(0, 160)).reverse(),
})"""


class Complaints:
    """What the browser complains of while a page is open: broken scripts, and whatever the CSP blocks."""

    def __init__(self, page: Page) -> None:
        self._told: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", self._error)

    def _console(self, message: ConsoleMessage) -> None:
        # A refusal comes with a status of its own (409, 422), which the browser calls a failure to load.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self._told.append(f"console: {message.text}")

    def _error(self, error: Error) -> None:
        self._told.append(f"script: {error.message}")

    def take(self) -> list[str]:
        """Those since the last time."""
        told, self._told = self._told, []
        return told


def faults_of(page: Page, lang: str = "en") -> list[str]:
    """WCAG 2.2 AA, the width of the screen, one heading that says something, and the language of the page."""
    found: dict[str, Any] = page.evaluate(_FORM)
    faults = []
    if found["lang"] != lang:
        faults.append(f"html lang is {found['lang']!r}, not {lang!r}")
    if len(found["headings"]) != 1 or not found["headings"][0]:
        faults.append(f"not one h1 with words: {found['headings']}")
    if found["excess"] > 0:
        named = "; ".join(found["wide"][:_NODES_NAMED])
        faults.append(f"{found['excess']} px wider than the screen: {named}")
    return faults + axe_faults(page)


def axe_faults(page: Page) -> list[str]:
    """The rules of WCAG 2.2 AA that the page breaks, with the nodes that break them."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [f"{one['id']}: " + "; ".join(one["nodes"][:_NODES_NAMED]) for one in page.evaluate(_AXE, WCAG_TAGS)]
