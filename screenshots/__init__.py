"""Pictures of the real program on the demo cluster, made by ``python -m screenshots.make``."""
