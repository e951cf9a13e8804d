"""What the jury's procedure demands, as pure functions: the draw, the entropy, conflicts, verdicts and opinions."""
