"""A rehearsal: invented people play every role through the services, together with the real workers."""
