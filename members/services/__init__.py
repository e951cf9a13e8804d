"""Acts on people, plans, memberships, roles and log-ins, each in one transaction."""
