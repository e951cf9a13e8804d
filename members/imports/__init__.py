"""Memberships by the million from a file: reading, checking, sealing, staging, storing."""
