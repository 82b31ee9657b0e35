"""Machines over plain SSH: which target a node is, whether it may be trusted, one shared connection for each."""
