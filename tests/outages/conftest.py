"""One service for all tests of outages: each test leaves it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outages.service import Service


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service in a folder of its own."""
    var: Path = tmp_path_factory.mktemp("outages")
    var.chmod(0o755)
    running = Service(var)
    try:
        running.prepare()
        yield running
    finally:
        running.stop()
