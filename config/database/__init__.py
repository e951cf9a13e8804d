"""Django's driver for PostgreSQL with a limit on every answer; `DATABASES["default"]["ENGINE"]` names this package."""
