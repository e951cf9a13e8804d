"""The plan's rules as pure functions and frozen data: no database, no clock, no settings, no chance."""
