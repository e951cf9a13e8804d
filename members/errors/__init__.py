"""What forbids an act on people, plans and memberships: one module a noun."""
