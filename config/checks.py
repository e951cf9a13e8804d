"""What `manage.py check` and `migrate` look at before a deployment runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model

from audit.clock_functions import is_the_databases_own
from config.roles import owns_too_much
from jury.models import Panel
from jury.selectors.panels import panels_without_rules
from members.models import PlanVersion
from members.selectors.plans import VersionRead, versions_read_otherwise

_MOST_NAMED = 10


@register(Tags.database)
def runtime_role_owns_nothing(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """assize.W001: the role of DATABASE_URL could take the guards of the database away."""
    if settings.MODE != "deploy" or DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = str(cursor.fetchone()[0])
    if not owns_too_much(role):
        return []
    return [
        Warning(
            f"The service connects as {role}, who owns its tables or may do anything: what is written once could be "
            "changed.",
            hint="Give DATABASE_URL a role of its own and DATABASE_OWNER_URL the owner (docs/operations.md, Roles).",
            id="assize.W001",
        )
    ]


@register(Tags.database)
def clock_is_the_databases_own(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """assize.E001: a deployment whose clock could be moved, so that deadlines and days would prove nothing."""
    if settings.MODE != "deploy" or DEFAULT_DB_ALIAS not in (databases or ()) or is_the_databases_own():
        return []
    return [
        Error(
            "assize_now(), the clock of every act, is not the database's own time: somebody has replaced the function, "
            "added another of its name, or this database was made for a demonstration.",
            hint="Use a database of its own, made by `manage.py migrate` in deploy mode (docs/operations.md, Clock).",
            id="assize.E001",
        )
    ]


@register(Tags.database)
def published_texts_give_their_digests(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """assize.W002: a published version that this release reads otherwise than the release that published it."""
    if not _has_tables(databases, PlanVersion):
        return []
    return [
        Warning(
            f"Plan version {one.version} was published with the digest {one.version.digest}. {_read_as(one)}",
            hint="The stored digest stays, and nothing compares the two when the service runs. Tell the authors of "
            "this release: it should read what earlier ones published (docs/plans.md, Formats).",
            id="assize.W002",
        )
        for one in versions_read_otherwise()
    ]


def _read_as(one: VersionRead) -> str:
    if one.problem:
        return f"This release cannot read its text: {one.problem}"
    return f"This release computes {one.text_digest} from its text."


@register(Tags.database)
def panels_have_their_rules(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """assize.W003: panels that cannot go on, because no published version has the rules that they sit under."""
    if not _has_tables(databases, PlanVersion, Panel):
        return []
    stuck = list(panels_without_rules().values_list("case_ref", "round", "rules_digest")[: _MOST_NAMED + 1])
    if not stuck:
        return []
    named = "; ".join(f"{case_ref}, round {round_} ({digest})" for case_ref, round_, digest in stuck[:_MOST_NAMED])
    more = " and more" if len(stuck) > _MOST_NAMED else ""
    return [
        Warning(
            f"No published version has the rules of these panels, which are not over: {named}{more}.",
            hint="Publish the files with these digests again (manage.py load_plans --file FILE), or restore the "
            "versions from a backup.",
            id="assize.W003",
        )
    ]


def _has_tables(databases: Sequence[str] | None, *models: type[Model]) -> bool:
    """Whether the database is checked and has these tables: `migrate` checks before it makes them."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return False
    return {model._meta.db_table for model in models} <= set(connection.introspection.table_names())
