"""Headless asyncio library for Docker engines and Swarms.

It never imports Textual, Rich or ``tui``; importing it costs nothing: each module is imported by name.
"""
