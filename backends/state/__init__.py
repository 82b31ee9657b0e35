"""What is known of a Swarm, and how it stays true.

``fold`` makes the next snapshot of the last one and what became known; it is pure. ``relations``, ``judged``,
``health``, ``placement`` and ``findings`` answer questions about a snapshot; they are pure too, and remember their
answers for as long as nothing of theirs changes. ``store`` owns the newest snapshot and the events. A ``feed`` keeps
one engine's part of it true: ``listening`` reads its events, ``agenda`` decides what to ask and when, ``asking``
asks, ``standing`` keeps what the engine says of itself.
"""
