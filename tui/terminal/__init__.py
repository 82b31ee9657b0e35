"""The real terminal: lending it to a shell and taking it back."""
