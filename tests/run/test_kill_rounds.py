"""On which servers the tests that kill are played."""

from __future__ import annotations

from run.kills import rounds


def test_without_servers_of_ones_own_the_embedded_ones_are_played() -> None:
    assert rounds({"PATH": "/bin", "DATABASE_URL": "postgres://not/meant"}) == {
        "the embedded servers": {"PATH": "/bin"}
    }
    assert len(rounds({"TEST_DATABASE_URL": "", "TEST_BROKER_URL": ""})) == 1


def test_those_that_are_named_are_played_as_well() -> None:
    given = {"PATH": "/bin", "TEST_BROKER_URL": "amqp://q", "TEST_DATABASE_URL": "postgres://d"}
    first, second = rounds(given).values()
    assert first == {"PATH": "/bin"}
    assert second == {"PATH": "/bin", "CELERY_BROKER_URL": "amqp://q", "DATABASE_URL": "postgres://d"}
    assert rounds({"TEST_BROKER_URL": "amqp://q"})["the servers of TEST_BROKER_URL"] == {
        "CELERY_BROKER_URL": "amqp://q"
    }
