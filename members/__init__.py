"""People, roles, plans and their rule versions, memberships and eligibility. Knows no claim."""
