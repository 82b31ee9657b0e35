"""Builders of Engine JSON: each fills in what a real engine would, so that scenarios hold only what matters."""
