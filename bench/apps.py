"""The app's configuration."""

from audit.rooms import RoomConfig


class BenchConfig(RoomConfig):
    """The benchmarks and their commands."""

    name = "bench"
    entry_words = {"bench.done": "An act of a benchmark", "claim.moved": "A claim of a benchmark changed its state"}
