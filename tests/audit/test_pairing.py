"""The head of an act needs its entry, in the same transaction and with the same facts."""
