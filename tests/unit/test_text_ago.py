"""Ages, times, sizes and numbers in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tui.text.ago import age, ago, clock, cpu, duration, number, plural, size

NOW = datetime(2025, 11, 24, 14, 32, 7, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("seconds", "seen"),
    [
        (-5, "0s"),
        (0, "0s"),
        (12, "12s"),
        (59.9, "59s"),
        (60, "1m"),
        (3 * 3600, "3h"),
        (41 * 86400, "41d"),
        (4e8, "12y"),
    ],
)
def test_an_age_has_one_unit(seconds: float, seen: str) -> None:
    assert age(NOW - seconds, NOW) == seen


def test_what_is_not_known_is_empty() -> None:
    assert (age(None, NOW), ago(None, NOW), clock(None, NOW), size(None), number(None)) == ("", "", "", "", "")


@pytest.mark.parametrize(("seconds", "seen"), [(0.2, "just now"), (41, "41 s ago"), (1e6, "11 d ago")])
def test_ago_is_a_sentence(seconds: float, seen: str) -> None:
    assert ago(NOW - seconds, NOW) == seen


@pytest.mark.parametrize(
    ("seconds", "seen"),
    [
        (0, "0 s"),
        (0.3, "0.3 s"),
        (0.004, "4 ms"),
        (41, "41 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (86400, "1 d"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, seen: str) -> None:
    assert duration(seconds) == seen


def test_a_time_says_as_much_as_it_must() -> None:
    # GIVEN today, another day, another year, and what no calendar has
    # THEN each is as short as it can be
    assert clock(NOW, NOW, UTC) == "14:32:07"
    assert clock(NOW - 86400, NOW, UTC) == "Nov 23 14:32"
    assert clock(NOW - 400 * 86400, NOW, UTC) == "2024 Oct 20"
    assert clock(1e20, NOW, UTC) == "1970 Jan  1"


def test_a_time_is_in_the_zone_it_is_asked_for() -> None:
    assert clock(NOW, NOW, timezone(timedelta(hours=2))) == "16:32:07"


@pytest.mark.parametrize(
    ("count", "seen"),
    [(0, "0 B"), (1023, "1,023 B"), (97 * 2**20, "97 MiB"), (1.1 * 2**30, "1.1 GiB"), (2**40 * 5000, "5,000 TiB")],
)
def test_sizes_are_binary(count: float, seen: str) -> None:
    assert size(count) == seen


def test_numbers_read_well() -> None:
    assert number(14203) == "14,203"
    assert plural(1, "service") == "1 service"
    assert plural(1902, "query", "queries") == "1,902 queries"
    assert cpu(500_000_000) == "0.50 cpu"


def test_a_very_long_time_is_told_in_years() -> None:
    assert duration(7299 * 86400 + 23 * 3600) == "19 y 364 d"
    assert duration(61 * 86400) == "61 d"
