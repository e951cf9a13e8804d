"""The head of an act is committed only with its entry: of the same transaction, and saying the same of every fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from adjudication.services.decisions import issue_decision
from allocation.rules import ledger
from allocation.services.ledger import post
from audit.actors import SYSTEM
from audit.pairing import PAIRS
from audit.services import entries, publish
from jury.services.panels import close_panel
from members.models import RoleGrant
from members.services.roles import grant_role, revoke_role
from tests.adjudication.trials import make_trial
from tests.allocation.making import (
    charge,
    make_approved_claim,
    make_members,
    uncapped_version,
)
from tests.allocation.making import publish as publish_notice
from tests.factories import make_plan_version, make_user
from tests.jury.conftest import make_court, sitting, vote

pytestmark = [pytest.mark.django_db, pytest.mark.bare_entries]
Act = Callable[[], object]
Bend = Callable[[list[Any]], list[Any]]
_NAMES = r"""
    SELECT regexp_replace(tgname, '^pgtrigger_(.*)_[0-9a-f]+$', '\1') FROM pg_trigger
     WHERE tgname LIKE 'pgtrigger\_paired\_%'
"""


def _granting() -> Act:
    user = make_user()
    return lambda: grant_role(user=user, role="reviewer", by=SYSTEM)


def _revoking() -> Act:
    user = make_user(None, "reviewer")
    return lambda: revoke_role(user=user, role="reviewer", by=SYSTEM)


def _committing() -> Act:
    court = make_court()
    court.add_jurors(3)
    return lambda: court.commit(is_sealed=False)


def _voting() -> Act:
    court = make_court()
    court.add_jurors(3)
    [seat, *_others] = sitting(court.drawn())
    return lambda: vote(seat)


def _closing() -> Act:
    court = make_court()
    court.add_jurors(3)
    panel = court.drawn()
    for seat in sitting(panel):
        vote(seat)
    publish()
    return lambda: close_panel(panel_id=panel.pk, by=SYSTEM)


def _deciding() -> Act:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("sss")
    return lambda: issue_decision(claim_ref=trial.claim.ref, reason_codes=[], by=trial.cast.reviewer)


def _noticing() -> Act:
    version = uncapped_version()
    make_members(version.plan, 9)
    make_approved_claim(version, 1_000_00)
    return lambda: publish_notice(version.plan)


def _charging() -> Act:
    version = uncapped_version()
    make_members(version.plan, 9)
    make_approved_claim(version, 1_000_00)
    period = publish_notice(version.plan)
    return lambda: charge(period)


def _settling() -> Act:
    """Without anything to pay a charge settles its period at once."""
    version = uncapped_version()
    make_members(version.plan, 9)
    period = publish_notice(version.plan)
    return lambda: charge(period)


def _posting() -> Act:
    plan = make_plan_version().plan
    lines = [ledger.Posting(ledger.Account.CASH, 5, "a"), ledger.Posting(ledger.Account.SURPLUS, -5)]
    return lambda: post(plan=plan, period=None, kind="test", key="k", postings=lines, by=SYSTEM)


ACTS: dict[str, Callable[[], Act]] = {
    "paired_ballot": _voting,
    "paired_charge": _charging,
    "paired_close": _closing,
    "paired_commitment": _committing,
    "paired_decision": _deciding,
    "paired_grant": _granting,
    "paired_notice": _noticing,
    "paired_revocation": _revoking,
    "paired_settlement": _settling,
    "paired_transaction": _posting,
}


def _other(value: Any) -> Any:
    """Something of the same form that is not the same."""
    if isinstance(value, bool) or value is None:
        return 1 if value is None else not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [*value, "more"]
    if isinstance(value, dict):
        return {**value, "more": 1}
    return f"{value}x"


def _saying_otherwise(key: str, row: list[Any]) -> list[Any]:
    return [*row[:3], {**row[3], key: _other(row[3][key])}, row[4]]


def _leaving_out(key: str, row: list[Any]) -> list[Any]:
    return [*row[:3], {name: value for name, value in row[3].items() if name != key}, row[4]]


@contextmanager
def _bent(
    monkeypatch: pytest.MonkeyPatch, kinds: tuple[str, ...], bend: Callable[[list[Any]], list[Any]]
) -> Iterator[None]:
    """Entries of these kinds are written otherwise; a row is kind, stream, actor, facts and so on."""
    usual = entries._row

    def row(kind: str, stream: str, actor: str, facts: dict[str, Any], at: dt.datetime) -> list[Any]:
        given = [kind, stream, actor, facts, at]
        return usual(*(bend(given) if kind in kinds else given))

    with monkeypatch.context() as patched:
        patched.setattr(entries, "_row", row)
        yield


def _committed(act: Act) -> None:
    """The act, and what the database asks at its commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        act()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_every_pair_in_the_database_has_its_act_here() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_NAMES)
        found = {name for (name,) in cursor.fetchall()}
    assert found == PAIRS.keys() == ACTS.keys()


@pytest.mark.parametrize("name", sorted(ACTS))
def test_an_act_that_is_recorded_as_it_was_is_committed(name: str) -> None:
    _committed(ACTS[name]())


@pytest.mark.parametrize("name", sorted(ACTS))
def test_an_entry_that_says_something_else_is_not_the_acts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    act, pair = ACTS[name](), PAIRS[name]

    def refused(bend: Bend) -> None:
        with _bent(monkeypatch, pair.kinds, bend), pytest.raises(IntegrityError, match="was not recorded"):
            _committed(act)

    for key in pair.facts:
        refused(partial(_saying_otherwise, key))
        refused(partial(_leaving_out, key))
    refused(lambda row: [row[0], f"{row[1]}0", *row[2:]])
    refused(lambda row: ["tests.other", *row[1:]])
    _committed(act)


@pytest.mark.django_db(transaction=True)
def test_the_entry_of_another_transaction_is_not_the_acts() -> None:
    user = make_user()
    grant_role(user=user, role="reviewer", by=SYSTEM)
    with pytest.raises(IntegrityError, match="was not recorded"):
        RoleGrant.objects.create(user=make_user(), role="reviewer")
    with pytest.raises(IntegrityError, match="was not recorded"):
        RoleGrant.objects.filter(user=user).update(revoked_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert RoleGrant.objects.get().revoked_at is None
