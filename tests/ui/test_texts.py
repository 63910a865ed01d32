"""The sentence for every refusal: it never raises, and says what happened and what it cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.allowances import Giver
from domain.errors import Reason, Refusal
from domain.periods import Period
from tests.ui.test_plain import HOSTILE, PING
from ui.texts import COSTS_NOTHING, FREE, TELLS_COST, TEXTS, say

NAMES = sorted(
    {
        "length",
        "limit",
        "limit_mb",
        "model",
        "option",
        "value",
        "permission",
        "name",
        "own",
        "type",
        "count",
        "credits",
        "left",
        "renews_at",
        "whose",
        "period",
        "blocked",
        "width",
        "height",
        "something else",
    }
)
VALUES = st.dictionaries(st.sampled_from(NAMES), st.one_of(HOSTILE, st.integers()), max_size=8)


@given(st.sampled_from(Reason), VALUES)
def test_whatever_fills_its_blanks_a_sentence_is_said(reason: Reason, values: dict[str, str | int]) -> None:
    said = say(Refusal(reason, **values))
    assert said.endswith(".")
    assert len(said) <= 2_000
    assert "{" not in said or any("{" in str(value) for value in values.values())
    assert (FREE in said) == (reason not in TELLS_COST | COSTS_NOTHING)


@given(st.sampled_from(Reason), HOSTILE)
def test_nothing_from_outside_pings_out_of_a_sentence(reason: Reason, text: str) -> None:
    said = say(Refusal(reason, **dict.fromkeys(NAMES, text)))
    assert not PING.search(said)


def test_a_value_cannot_reach_into_the_template() -> None:
    said = say(Refusal(Reason.NOT_AN_IMAGE, name="{name.__class__}"))
    assert said.startswith("“{name.\\_\\_class\\_\\_}” is not an image.")


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            Refusal(Reason.TOO_LARGE, name="cat.png", limit_mb=50),
            "“cat.png” is larger than 50 MB. Make it smaller. You were not charged.",
        ),
        (
            Refusal(Reason.TRUNCATED),
            "An image is damaged or cut off. Save it again and attach it anew. You were not charged.",
        ),
        (
            Refusal(Reason.TOO_LATE, credits=8_000),
            "It is too late to cancel: the image service is at work on it, and it costs about 8 credits.",
        ),
    ],
)
def test_a_sentence_reads_well(refusal: Refusal, said: str) -> None:
    assert say(refusal) == said


@pytest.mark.parametrize("whose", Giver)
@pytest.mark.parametrize("period", Period)
def test_a_spent_allowance_says_whose_how_much_and_until_when(whose: Giver, period: Period) -> None:
    refusal = Refusal(
        Reason.ALLOWANCE_SPENT,
        credits=8_000,
        left=1_500,
        renews_at=1_789_819_200_000,
        period=period,
        whose=whose,
    )
    said = say(refusal)
    assert "8 credits" in said
    assert "1.5 credits" in said
    assert "<t:1789819200:F>" in said
    assert f"for {period}" not in said
    assert "_" not in said
    assert said.endswith(FREE)


@pytest.mark.parametrize("blocked", Giver)
def test_a_block_is_said_in_words(blocked: Giver) -> None:
    said = say(Refusal(Reason.BLOCKED, blocked=blocked))
    assert said[0].isupper()
    assert "_" not in said
    assert said.endswith(FREE)


@pytest.mark.parametrize("reason", TEXTS)
def test_what_failed_long_ago_can_be_said_again_without_its_values(reason: Reason) -> None:
    """A card that is shown again knows the reason only."""
    said = say(Refusal(reason, model="m"))
    assert "{" not in said
    assert "“”" not in said
    assert "  " not in said
    assert " ." not in said
