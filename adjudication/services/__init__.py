"""Acts on claims: each locks, checks, moves, logs, in one transaction."""
