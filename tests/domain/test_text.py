"""Numbers before they are read."""

import pytest

from domain.text import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs"), (12_000, "12,000 jobs")]
)
def test_one_is_no_plural(number: int, said: str) -> None:
    assert counted(number, "job") == said
