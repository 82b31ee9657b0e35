"""A real Docker Swarm on this machine, for development and tests.

Start it by hand with ``python -m tests.lab up`` (see ``--help``), or from
pytest through the ``lab`` fixture. Everything it makes lives in namespaces of
its own, below one folder and below one cgroup, so that it can be removed with
certainty. Only the standard library is used.
"""
