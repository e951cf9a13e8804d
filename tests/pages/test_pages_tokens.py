"""The tokens can be read by everybody: every pair of colours that meets on a page, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
TEXT_PAIRS = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink-soft", "paper"),
    ("ink-soft", "surface"),
    ("accent", "paper"),
    ("accent", "surface"),
    ("accent", "accent-tint"),
    ("accent-strong", "accent-tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("good", "good-tint"),
    ("warn", "warn-tint"),
    ("bad", "paper"),
    ("bad", "bad-tint"),
    ("on-bad", "bad"),
    ("on-bad", "bad-strong"),
    ("ink", "good-tint"),
    ("ink", "warn-tint"),
    ("ink", "bad-tint"),
    ("ink", "accent-tint"),
]
EDGE_PAIRS = [("edge", "paper"), ("edge", "surface"), ("accent", "paper"), ("bad", "paper"), ("good", "good-tint")]


def _tokens(scheme: str) -> dict[str, str]:
    css = (STATIC / "tokens.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    dark = dark.split("@media print")[0]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark))
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted([_luminance(one), _luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read(ink: str, ground: str, scheme: str) -> None:
    tokens = _tokens(scheme)
    assert _contrast(tokens[ink], tokens[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGE_PAIRS)
def test_edges_of_what_can_be_used_are_seen(edge: str, ground: str, scheme: str) -> None:
    tokens = _tokens(scheme)
    assert _contrast(tokens[edge], tokens[ground]) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_is_seen_on_paper_through_one_of_its_two_rings(scheme: str) -> None:
    tokens = _tokens(scheme)
    assert max(_contrast(tokens[ring], tokens["paper"]) for ring in ("focus", "focus-halo")) >= 3
    assert _contrast(tokens["focus"], tokens["focus-halo"]) >= 3


def test_colours_are_chosen_in_the_tokens_only() -> None:
    site = (STATIC / "site.css").read_text(encoding="utf-8")
    used = set(re.findall(r"#[0-9a-fA-F]{3,6}\b", site))
    # Black rules on paper, and the white quiet zone that a QR code needs in the dark too.
    assert used <= {"#000000", "#ffffff"}


def test_every_token_used_exists() -> None:
    tokens = set(re.findall(r"--([a-z0-9-]+):", (STATIC / "tokens.css").read_text(encoding="utf-8")))
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", (STATIC / "site.css").read_text(encoding="utf-8")))
    used |= set(re.findall(r"var\(--([a-z0-9-]+)\)", (STATIC / "admin.css").read_text(encoding="utf-8")))
    assert used <= tokens


def test_no_template_carries_what_the_security_policy_blocks() -> None:
    forbidden = re.compile(r"\sstyle=|<style\b|\son[a-z]+=[\"']|href=[\"']javascript:|<script(?![^>]*(?:\bsrc=|json))")
    found = [
        f"{path.relative_to(TEMPLATES)}: {match.group().strip()}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        # A mail carries its own style: no page of ours shows it but in a frame with a policy of its own.
        if path.parent != TEMPLATES / "mail"
        for match in forbidden.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
