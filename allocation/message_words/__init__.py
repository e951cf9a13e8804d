"""The words of the messages that this room sends, by their readers."""
