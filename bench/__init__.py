"""The benchmark: each measurement in its own process, with its own database and broker."""
