"""A witness: a small separate program that remembers how far a log has come and cosigns only what continues it.

It is run by somebody other than the log's operator, with a key and a memory of its own. It imports nothing of the
service and nothing but the standard library and `cryptography`: notes and proofs are written here a second time on
purpose, so that a mistake in the service's code isn't repeated by the one who checks it. The folder may be copied to
another machine and run there by itself (`python -m witness`). See docs/witness.md.
"""
