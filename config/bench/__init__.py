"""The benchmark: each measurement in a process of its own, against a database and a broker of its own."""
