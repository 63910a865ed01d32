"""The benchmarks in simulated time, in small: each still measures what it says, on the product as it is now."""

import argparse

import pytest

from benchmarks import budget, whole


@pytest.mark.parametrize("way", [budget.WAYS[0], budget.WAYS[1], budget.WAYS[3]], ids=lambda way: way.name)
def test_many_jobs_under_one_budget_are_seen_to_end(way: budget.Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "WARM_UP", 60.0)
    options = argparse.Namespace(hours=0.05, limit=60, submits=60, latency=0.0, seed=1)
    figures = budget.run((way, 5, 0), options=options)
    assert len(figures.staleness) > 10
    assert max(figures.staleness) < 30.0
    assert figures.refused == 0


def test_a_list_that_can_be_read_tells_of_ends_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "WARM_UP", 40.0)
    monkeypatch.setattr(whole, "SECONDS", 60.0)
    by_list, by_questions = (
        whole.repeated(whole.discovery(in_flight=8, requests=40, lists=lists), repeats=1, seed=1)[0]
        for lists in (True, False)
    )
    assert by_list < 0.6 * by_questions


def test_a_bot_that_is_told_of_its_earlier_calls_keeps_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "LIVES", 8)
    with_note, without = (
        whole.repeated(whole.crashes(remember=remember), repeats=1, seed=1)[0] for remember in (True, False)
    )
    assert with_note <= 40 < without
