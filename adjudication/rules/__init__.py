"""Pure rules of adjudication."""
