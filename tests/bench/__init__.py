"""Measurements, never assertions: ``python -m tests.bench`` prints a table (see ``--help``)."""
