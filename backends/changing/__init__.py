"""From a request to its end: what it would do (a plan), sending it once, watching until it has converged, the
journal. The requests themselves and what the engine is sent are ``backends.change``'s.
"""
