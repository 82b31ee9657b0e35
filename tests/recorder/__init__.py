"""Records what the docker CLI asks and sends of a line, beside what we make of it; see ``__main__``."""
