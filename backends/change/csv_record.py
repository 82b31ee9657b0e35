"""Comma-separated fields as Go's ``encoding/csv`` reads one record, with its words for what is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from backends.change.flag_error import BadValue


def read_record(text: str) -> list[str]:
    """Fields of the first record. Raises ``BadValue``."""
    text = text.replace("\r\n", "\n").lstrip("\n")
    if not text:
        raise BadValue("EOF")
    fields: list[str] = []
    at = 0
    while True:
        if text[at : at + 1] == '"':
            field, at = _quoted(text, at)
        else:
            end = min((i for i in (text.find(",", at), text.find("\n", at)) if i >= 0), default=len(text))
            field, at = text[at:end], end
            if '"' in field:
                column = at - len(field) + field.index('"') + 1
                raise BadValue(f'parse error on line 1, column {column}: bare " in non-quoted field')
        fields.append(field)
        if text[at : at + 1] != ",":
            return fields
        at += 1


def _quoted(text: str, begin: int) -> tuple[str, int]:
    parts: list[str] = []
    at = begin + 1
    while True:
        end = text.find('"', at)
        if end < 0:
            raise BadValue(f'parse error on line 1, column {len(text) + 1}: extraneous or missing " in quoted-field')
        parts.append(text[at:end])
        following = text[end + 1 : end + 2]
        if following == '"':
            parts.append('"')
            at = end + 2
        elif following in ("", ",", "\n"):
            return "".join(parts), end + 1
        else:
            raise BadValue(f'parse error on line 1, column {end + 1}: extraneous or missing " in quoted-field')


def write_record(fields: Iterable[str]) -> str:
    """One record that ``read_record`` reads back as the same fields."""
    return ",".join(
        '"' + field.replace('"', '""') + '"' if not field or set(field) & set('",\n\r') else field for field in fields
    )
