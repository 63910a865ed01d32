"""Who may work: by a process's own clock its lease is over before anybody else can have it."""

from types import SimpleNamespace
from typing import Any

import pytest

from assembly.outside import is_lost


@pytest.mark.parametrize("held", [True, False])
def test_a_lease_that_is_over_is_lost_and_one_bot_alone_loses_none(held: bool) -> None:
    lease: Any = SimpleNamespace(is_held=lambda: held)
    assert is_lost(lease) is not held
    assert not is_lost(None)
