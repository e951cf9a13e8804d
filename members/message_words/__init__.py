"""The words of the messages that this room sends, noun by noun."""
