from __future__ import annotations

import uuid
from typing import Any

import pytest

from members.channels.returning import return_address, token_of

TOKEN = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def _domain(settings: Any) -> None:
    settings.MAIL_DOMAIN = "aid.example"


def test_a_return_address_names_its_delivery() -> None:
    assert token_of(return_address(TOKEN)) == TOKEN


def test_it_is_no_longer_than_a_local_part_may_be() -> None:
    assert len(return_address(TOKEN).partition("@")[0]) <= 64


def test_servers_that_change_its_case_or_add_brackets_do_no_harm() -> None:
    assert token_of(f"<{return_address(TOKEN).upper()}>") == TOKEN
    assert token_of(f"Bounces <{return_address(TOKEN)}>") == TOKEN


def test_nobody_makes_one_up() -> None:
    real = return_address(TOKEN)
    code = real.partition(".")[2].partition("@")[0]
    others = return_address(uuid.UUID(int=8)).partition(".")[2].partition("@")[0]
    for forged in (code[:-1] + ("0" if code[-1] != "0" else "1"), others, "", "0" * 20):
        assert token_of(real.replace(code, forged)) is None


@pytest.mark.parametrize(
    "address", ["", "bounce@aid.example", "aid@aid.example", "bounce+x.y@aid.example", "é@aid.example"]
)
def test_other_addresses_name_nothing(address: str) -> None:
    assert token_of(address) is None


def test_the_right_code_at_another_domain_names_nothing() -> None:
    assert token_of(return_address(TOKEN).replace("aid.example", "evil.example")) is None


def test_mails_sent_under_an_earlier_key_still_bounce(settings: Any) -> None:
    before, earlier = return_address(TOKEN), settings.SECRET_KEY
    settings.SECRET_KEY = "another" * 8
    assert token_of(before) is None
    settings.SECRET_KEY_FALLBACKS = [earlier]
    assert token_of(before) == TOKEN
