"""A real Docker Swarm on this machine, for development and tests.

Start it by hand with ``python -m tests.lab up`` (see ``--help``), or from
pytest through the ``lab`` fixture. ``up --plain 2`` and the ``plain_lab``
fixture make engines that are in no Swarm, to make one from. ``up --seed`` adds
images of a web application and a database, ``up --nat`` lets virtual addresses
and published ports carry traffic, which a kernel without IPVS does not. Everything it makes lives in namespaces of
its own, below one folder and below one cgroup, so that it can be removed with
certainty. Only the standard library is used.

Environment: ``DNET_LAB_NAME`` (which lab; "lab" by hand, one of its own for
each test session), ``DNET_LAB=require`` (fail instead of skipping),
``DNET_LAB_DIR`` (where labs live; /tmp/dnet-lab), ``DNET_LAB_KEEP_FAILED``
(leave what a failed start has made, to look at it).
"""
