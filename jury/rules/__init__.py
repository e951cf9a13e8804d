"""The rules of the jury's procedure, as pure functions: the draw, the entropy, conflicts, verdicts and opinions."""
