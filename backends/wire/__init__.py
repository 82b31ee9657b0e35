"""The one place that turns Engine JSON into values of ``backends.model``; see ``decode`` for the functions."""
