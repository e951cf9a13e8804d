"""Pages of periods, statements and the ledger."""
