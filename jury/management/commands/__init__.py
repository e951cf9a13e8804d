"""Management commands of the jury."""
