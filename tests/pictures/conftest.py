from pathlib import Path

import pytest

from domain.errors import Reason, Refusal
from pictures.inspect import inspect

from .material import Put, Refused


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write bytes to a file whose name says nothing and return its path."""

    def write(data: bytes, name: str = "file") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def refused(put: Put) -> Refused:
    """Return why a file of these bytes is refused, with the values of the sentence."""

    def why(data: bytes) -> tuple[Reason, dict[str, str | int]]:
        with pytest.raises(Refusal) as caught:
            inspect(put(data))
        return caught.value.reason, dict(caught.value.values)

    return why
