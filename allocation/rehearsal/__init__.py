"""A rehearsal: invented people play every role through the services, the workers do their part."""
