"""`manage.py draw`: the RFC's numbers on the last line, one clear line for what cannot be drawn, no database."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

RFC_ENTROPY = "9319./2.5.8.10.12./9.18.26.34.41.45./"


def drawn(*arguments: str) -> str:
    out = StringIO()
    call_command("draw", *arguments, stdout=out)
    return out.getvalue().splitlines()[-1]


def test_the_worked_example_of_the_rfc():
    line = drawn("--hash", "md5", "--pool", "25", "--seats", "16", "--entropy", RFC_ENTROPY)
    assert line == "17 7 2 16 25 23 8 24 19 13 22 5 18 9 1 4"


def test_a_real_draw_of_the_ietf():
    entropy = "17.20.22.35.36.38.48./90193202./55598744./9.10.11.17.21.48.50./"
    line = drawn("--hash", "md5", "--pool", "134", "--seats", "12", "--entropy", entropy)
    assert line == "90 25 92 126 24 31 122 96 81 132 2 41"


def test_sha256_is_the_hash_where_none_is_named():
    asked = ("--pool", "25", "--seats", "16", "--entropy", RFC_ENTROPY)
    assert drawn(*asked) == drawn("--hash", "sha256", *asked) != drawn("--hash", "md5", *asked)


def test_ten_million_are_drawn_from_like_a_hundred():
    numbers = [int(text) for text in drawn("--pool", "10000000", "--seats", "31", "--entropy", RFC_ENTROPY).split(" ")]
    assert len(set(numbers)) == 31
    assert max(numbers) > 100


def test_the_whole_pool_can_be_drawn():
    numbers = drawn("--pool", "7", "--seats", "7", "--entropy", "1./").split()
    assert sorted(map(int, numbers)) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"--seats": "26"}, "--seats 26"),
        ({"--seats": "0"}, "--seats '0'"),
        ({"--seats": "-3"}, "--seats '-3'"),
        ({"--seats": "two"}, "--seats 'two'"),
        ({"--seats": "1.5"}, "--seats '1.5'"),
        ({"--pool": "1_000"}, "--pool '1_000'"),
        ({"--pool": "٢٥"}, "--pool"),
        ({"--pool": "0"}, "--pool '0'"),
        ({"--pool": "9" * 5000}, "--pool"),
        ({"--pool": None}, "--pool is missing"),
        ({"--seats": None}, "--seats is missing"),
        ({"--hash": "sha1"}, "--hash sha1"),
        ({"--hash": "SHA256"}, "--hash SHA256"),
        ({"--entropy": ""}, "--entropy is missing"),
        ({"--entropy": None}, "--entropy is missing"),
        ({"--entropy": "９319./"}, "--entropy"),
        ({"--entropy": "9319./\n"}, "--entropy"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(change, named):
    options = {"--hash": "md5", "--pool": "25", "--seats": "16", "--entropy": RFC_ENTROPY, **change}
    with pytest.raises(CommandError) as refused:
        drawn(*(f"{name}={value}" for name, value in options.items() if value is not None))
    assert str(refused.value).startswith(named)
    assert "\n" not in str(refused.value)
