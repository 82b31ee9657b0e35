"""Rollouts as they stand: how far each replica is, what failed, what stops it. Pure, from the snapshot alone.

Whether a change has come to its end is judged in one place, ``backends.change.convergence``; here is what a person
wants to see of the way there, also of changes that were made elsewhere.
"""
