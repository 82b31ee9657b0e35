"""Walks: the program in a real terminal, typed at and read as a person would."""
