"""The pure rules of money: shares, cohorts, ledger postings, arrears, masking. Everything is passed in."""
