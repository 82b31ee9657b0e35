"""Logs: what is kept of them, which lines are shown, and how one line looks. Pure; no Textual."""
