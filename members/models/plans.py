"""Plans and their dated rule versions."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.rows import Row
from members import columns
from members.rules.plans import PlanRules, parse_plan


@lru_cache(maxsize=64)
def _parsed(source: str, name: str, digest: str) -> PlanRules:
    return replace(parse_plan(source, name, is_published=True), published_digest=digest)


class Plan(Row):
    """A mutual-aid plan; its rules are in its versions."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    title_en = models.CharField(_("title in English"), max_length=120)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3)
    currency_exponent = models.PositiveSmallIntegerField(_("digits after the point"), default=2)
    timezone = models.CharField(_("time zone"), max_length=60)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["code"]
        triggers: ClassVar[list[object]] = column_triggers(columns.PLAN)

    def __str__(self) -> str:
        return self.code


class PlanVersion(Row):
    """The rules from `starts_at` until the next version starts. Published once and never changed (trigger)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions", verbose_name=_("plan"))
    label = models.CharField(_("version"), max_length=40)
    starts_at = models.DateTimeField(_("in force from"))
    source = models.TextField(_("plan file"))
    digest = models.CharField(_("digest"), max_length=64)
    published_at = models.DateTimeField(_("published"), db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("plan version")
        verbose_name_plural = _("plan versions")
        ordering = ["plan", "starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "starts_at"], name="one_version_starts_at_a_time"),
            models.UniqueConstraint(fields=["plan", "label"], name="one_version_a_label"),
        ]

    def __str__(self) -> str:
        return f"{self.plan.code} {self.label}"

    @property
    def rules(self) -> PlanRules:
        """The rules as parsed from the file that was published; their digest is the one stored then."""
        return _parsed(self.source, str(self.label), self.digest)
