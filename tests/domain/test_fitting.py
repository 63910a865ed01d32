"""Options that were chosen for one model, in another's words."""

import pytest

from domain.fitting import Fitted, fitted
from domain.options import Options, Takes

TAKES = {
    "size": Takes(choices=("match_input_image", "1:1", "3:2", "2:3", "16:9"), default="match_input_image"),
    "format": Takes(choices=("jpg", "png")),
    "count": Takes(choices=(1, 2)),
}
ALIKE = {"size": Takes(choices=("auto", "1024x1024", "1536x1024", "2048x2048"))}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (Options(size="3:2", count=2), Options(size="3:2", count=2)),
        (Options(format="jpeg"), Options(format="jpg")),
        (Options(format=" PNG "), Options(format="png")),
    ],
)
def test_the_same_by_another_spelling_is_taken(options: Options, found: Options) -> None:
    assert fitted(options, TAKES, freely=False) == Fitted(found)


@pytest.mark.parametrize(
    ("options", "lacking"),
    [
        (Options(size="1536x1024"), ("size",)),
        (Options(size="auto"), ("size",)),
        (Options(quality="high", count=3), ("quality", "count")),
        (Options(background="auto"), ("background",)),
    ],
)
def test_what_a_model_does_not_take_is_named(options: Options, lacking: tuple[str, ...]) -> None:
    assert fitted(options, TAKES, freely=False) == Fitted(Options(), lacking)


@pytest.mark.parametrize(
    ("options", "takes", "found", "lacking"),
    [
        (Options(size="1536x1024"), TAKES, Options(size="3:2"), ()),
        (Options(size="1024 × 1536"), TAKES, Options(size="2:3"), ()),
        (Options(size="auto"), TAKES, Options(size="match_input_image"), ()),
        (Options(size="3:2"), ALIKE, Options(size="1536x1024"), ()),
        (Options(size="1:1"), ALIKE, Options(size="1024x1024"), ()),
        (Options(size="21:9"), TAKES, Options(), ("size",)),
        (Options(size="0x0"), TAKES, Options(), ("size",)),
        (Options(background="auto"), TAKES, Options(), ()),
        (Options(background="transparent", count=2), TAKES, Options(count=2), ("background",)),
        (Options(count=3), TAKES, Options(), ("count",)),
    ],
)
def test_freely_another_size_of_the_same_shape_will_do(
    options: Options, takes: dict[str, Takes], found: Options, lacking: tuple[str, ...]
) -> None:
    assert fitted(options, takes, freely=True) == Fitted(found, lacking)
