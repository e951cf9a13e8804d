"""What may be read of people, plans and memberships, visibility first."""
