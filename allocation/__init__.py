"""Periods, notices, shares, the ledger and payouts. Decides no claim."""
