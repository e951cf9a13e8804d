"""Draws a piece of a page as the template loader would."""

from __future__ import annotations

from typing import Any

from django.template import Context, Template
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler

LOADS = "{% load i18n assize %}"


def draw(source: str, language: str = "en", **context: Any) -> str:
    """The HTML of a template's source, components included."""
    with translation.override(language):
        return Template(CottonCompiler().process(LOADS + source)).render(Context(context))
