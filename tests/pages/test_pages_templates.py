"""Every template can be read, uses only parts that exist, and gives them only what they take."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = Path(settings.BASE_DIR) / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
PART = re.compile(r"<c-(?!slot|vars)([a-z][a-z-]*)((?:\s+[:a-z_-]+(?:=(?:\"[^\"]*\"|'[^']*'))?)*)\s*/?>", re.DOTALL)
ATTRIBUTE = re.compile(r"\s:?([a-z][a-z_-]*)(?:=(?:\"[^\"]*\"|'[^']*'))?", re.DOTALL)


def _declared(part: str) -> set[str] | None:
    path = TEMPLATES / "cotton" / f"{part.replace('-', '_')}.html"
    if not path.exists():
        return None
    found = re.search(r"<c-vars([^>]*)/>", path.read_text(encoding="utf-8"))
    return {name.replace("-", "_") for name in ATTRIBUTE.findall(found.group(1))} if found else set()


@pytest.mark.parametrize("name", NAMES)
def test_a_template_can_be_read(name: str) -> None:
    assert get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_uses_parts_as_they_are(name: str) -> None:
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    faults = []
    for part, attributes in PART.findall(source):
        declared = _declared(part)
        if declared is None:
            faults.append(f"there is no <c-{part}>")
            continue
        given = {attribute.replace("-", "_") for attribute in ATTRIBUTE.findall(attributes)}
        faults += [f"<c-{part}> takes no {attribute!r}" for attribute in sorted(given - declared)]
    assert faults == []


def test_a_part_that_is_unknown_would_be_found() -> None:
    assert _declared("no-such-part") is None
    assert _declared("deadline") == {"at"}
    assert PART.findall('<c-row label="{% translate \'A\' %}" nothing="1">x</c-row>')[0][0] == "row"
