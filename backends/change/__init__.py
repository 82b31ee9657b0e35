"""Changes: what a form, a typed line and a pasted docker line all become, and how it is planned, sent and watched.

Headless and pure as far as the engine is not asked. The words, defaults and requests are those of the docker CLI
(docker/cli 28.2, ``cli/command/{service,network,swarm,node}`` and ``opts``), held by recordings in the tests.
"""
