"""What the log is made of: leaves, tree, tiles and signed notes, as pure functions."""
