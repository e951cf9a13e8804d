from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.bounces import returned
from tests.members.bouncing import answer, dsn

TO = "bounce+1@aid.example"


@pytest.mark.parametrize(
    ("recipients", "says", "code"),
    [
        ([("failed", "5.1.1")], "bounced", "5.1.1"),
        ([("Failed (given up)", "4.4.7")], "bounced", "4.4.7"),
        ([("failed", "")], "bounced", "failed"),
        ([("failed", "2.0.0")], "bounced", "2.0.0"),
        ([("delayed", "4.4.1")], "delayed", "4.4.1"),
        ([("delivered", "2.0.0")], "arrived", "2.0.0"),
        ([("delivered", "")], "arrived", "delivered"),
        ([("delivered", "5.1.1")], "delayed", "5.1.1"),
        ([("relayed", "2.0.0")], "", "2.0.0"),
        ([("expanded", "2.0.0")], "", "2.0.0"),
        ([("eaten", "2.0.0")], "delayed", "2.0.0"),
        ([("eaten", "nonsense")], "delayed", "unknown"),
        ([("delivered", "2.0.0"), ("failed", "5.2.1")], "bounced", "5.2.1"),
        ([("delivered", "2.0.0"), ("delayed", "4.2.1")], "delayed", "4.2.1"),
        ([], "delayed", "reply"),
    ],
)
def test_a_notification_says_what_its_fields_say(recipients: list[tuple[str, str]], says: str, code: str) -> None:
    found = returned(dsn(TO, *recipients))
    assert (found.says, found.code) == (says, code)
    assert TO in found.addresses


@pytest.mark.parametrize(("auto", "code"), [(False, "reply"), (True, "auto-reply")])
def test_an_answer_is_no_bounce_and_no_arrival(auto: bool, code: str) -> None:
    found = returned(answer(TO, auto=auto))
    assert (found.says, found.code) == ("delayed", code)


def test_the_status_inside_the_mail_that_is_returned_says_nothing() -> None:
    inner = dsn(TO, ("delivered", "2.0.0")).decode()
    head = f'To: {TO}\nContent-Type: multipart/mixed; boundary="o"\n\n--o\nContent-Type: message/rfc822\n\n'
    outer = f"{head}{inner}\n--o--\n"
    assert returned(outer.encode()).says == "delayed"


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "To"])
def test_the_return_address_is_read_where_servers_write_it(header: str) -> None:
    assert TO in returned(dsn(TO, ("failed", "5.1.1"), header=header)).addresses


def test_a_notification_that_was_cut_off_behind_its_fields_still_counts() -> None:
    content = dsn(TO, ("failed", "5.1.1"))
    assert returned(content[: content.index(b"message/rfc822")]).says == "bounced"


@given(st.binary(max_size=400))
def test_anything_at_all_is_read_and_nothing_unknown_counts_as_arrived(content: bytes) -> None:
    assert returned(content).says in {"delayed", ""}
