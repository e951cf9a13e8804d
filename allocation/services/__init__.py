"""Acts on periods, the ledger and payments."""
