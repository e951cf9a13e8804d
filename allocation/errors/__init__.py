"""What forbids an act on periods, shares and payments: one module for each noun."""
