"""What an image costs by its options, in whatever shape the catalogue says it."""

from typing import Any

import pytest

from pixeldojo.costs import cost_of, read_costs

FLAT = {"default": 5, "type": "by_quality", "amount": 5}


@pytest.mark.parametrize(
    "more",
    [
        {"low": 1, "high": 4, "xhigh": 9},
        {"costs": {"low": 1, "high": 4, "xhigh": 9}},
        {"byQuality": {"low": "1", "high": 4.0, "xhigh": 9}},
        {"map": {"quality": {"low": 1, "high": 4, "xhigh": 9}}},
        {
            "tiers": [
                {"quality": name, "credits": cost} for name, cost in (("low", 1), ("high", 4), ("xhigh", 9))
            ]
        },
        {"amount": {"low": 1, "high": 4, "xhigh": 9}},
    ],
)
def test_a_cost_by_quality_is_found_in_any_shape(more: dict[str, Any]) -> None:
    costs = read_costs({**FLAT, **more})
    found = {value: cost_of(costs, ["1024x1024", value]) for value in ("low", "high", "xhigh", "max")}
    assert found == {"low": 1000, "high": 4000, "xhigh": 9000, "max": None}


@pytest.mark.parametrize(
    "told",
    [
        {"1024x1024": {"low": 0.25, "high": 4}, "1536x1024": {"low": 0.5, "high": 6}},
        {"prices": {"1024x1024_low": 0.25, "1024x1024_high": 4, "1536x1024_low": 0.5, "1536x1024_high": 6}},
        {
            "variants": [
                {"size": "1024x1024", "quality": "low", "cost": 0.25},
                {"size": "1024x1024", "quality": "high", "cost": 4},
                {"size": "1536x1024", "quality": "low", "cost": 0.5},
                {"size": "1536x1024", "quality": "high", "cost": 6},
            ]
        },
    ],
)
def test_a_cost_by_size_and_quality_needs_both(told: dict[str, Any]) -> None:
    costs = read_costs(told)
    assert cost_of(costs, ["1024x1024", "low"]) == 250
    assert cost_of(costs, ["1536x1024", "HIGH"]) == 6000
    assert cost_of(costs, ["auto", "high"]) is None


def test_the_entry_that_says_most_counts() -> None:
    costs = read_costs(
        {"quality": {"high": 4}, "costs": [{"quality": "high", "resolution": "4K", "credits": 12}]}
    )
    assert (cost_of(costs, ["high", "1K"]), cost_of(costs, ["high", "4k"])) == (4000, 12000)


@pytest.mark.parametrize("told", [None, 4, "4", [], FLAT, {"byQuality": "dear"}, {"byQuality": {"low": -1}}])
def test_plain_figures_and_nonsense_are_no_map(told: Any) -> None:
    assert read_costs(told) == ()


def test_a_map_without_end_is_cut() -> None:
    assert len(read_costs({"sizes": {f"{number}x{number}": 1 for number in range(9_000)}})) <= 500
