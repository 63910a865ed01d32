"""What the options' menus offer, in words that members understand."""

import re
from collections.abc import Mapping, Sequence

from discord.app_commands import Choice

from domain.credits import credits_text
from domain.options import Takes
from domain.text import is_blank
from domain.views import ListPrice
from ui.plain import clean, plain

_NAMES: Mapping[str, Mapping[str, str]] = {
    "size": {"auto": "Automatic", "match_input_image": "Like the first image"},
    "background": {"auto": "Automatic", "transparent": "Transparent", "opaque": "Opaque"},
    "quality": {"low": "Low (fast)", "xhigh": "Very high", "max": "Highest"},
    "fidelity": {"low": "Low (freer)", "high": "High (keeps faces and details)"},
    "format": {"png": "PNG", "jpeg": "JPEG", "jpg": "JPEG", "webp": "WebP", "gif": "GIF", "svg": "SVG"},
    "resolution": {},
}
"""By option, what members read for a value of which more is known than the value itself."""
_SAID: Mapping[str, str] = {
    "background": "{} background",
    "quality": "{} quality",
    "fidelity": "{} fidelity",
    "resolution": "{} resolution",
}
"""By option, how a chosen value is said on a card."""
_FAMILIES: Mapping[str, str] = {"gpt-image": "GPT-Image", "qwen-image": "Qwen Image", "p-image": "P-Image"}
"""How a model is called whose id begins so."""
_SIDES = re.compile(r"(\d+)\s*([x×*:])\s*(\d+)")
MOST_CHOICES = 25
"""Choices of a menu (Discord)."""


def value_name(option: str, value: str | int) -> str:
    """Name a value of an option as menus do: ``Landscape 1536 × 1024``, ``Square 1:1``, ``Low (fast)``."""
    value = str(value)
    known = _NAMES.get(option, {}).get(value)
    if known is not None:
        return known
    sides = _SIDES.fullmatch(value)
    if sides is None:
        return value[:1].upper() + value[1:].replace("_", " ")
    width, height = int(sides[1]), int(sides[3])
    shape = "Square" if width == height else "Landscape" if width > height else "Portrait"
    return f"{shape} {width}:{height}" if sides[2] == ":" else f"{shape} {width} × {height}"


def choices_of(option: str, takes: Takes, *, typed: str = "") -> list[Choice[str]]:
    """Return what may be chosen for an option, the default marked; ``typed``: only what holds that text."""
    named = {
        str(value): f"{'Default: ' if value == takes.default else ''}{value_name(option, value)}"
        for value in takes.choices
    }
    return suggestions(named, typed=typed)


def suggestions(names: Mapping[str, str], *, typed: str) -> list[Choice[str]]:
    """Return suggestions that hold a text, of names by value.

    One that Discord does not take (empty, or over long) is left out: it would refuse all of them.
    """
    return [
        Choice(name=clean(name, 100), value=value)
        for value, name in names.items()
        if typed.strip().lower() in f"{name} {value}".lower()
        and len(value) <= 100
        and not (is_blank(value) or is_blank(name))
    ][:MOST_CHOICES]


def prompt_choices(prompts: Sequence[str], *, typed: str) -> list[Choice[str]]:
    """Return earlier prompts for a menu, after what is typed so far.

    Discord marks the first, and Enter takes what is marked: nobody must ask for what they did not type.
    """
    if not prompts or len(typed) > 100:
        return []
    offered = dict.fromkeys([typed, *prompts] if typed.strip() else prompts)
    return [Choice(name=prompt, value=prompt) for prompt in offered][:MOST_CHOICES]


def option_words(name: str, value: str | int) -> str:
    """Say a chosen option in words: ``Landscape 1536 × 1024``, ``low quality``, ``2 images``."""
    if name == "count":
        return f"{value} images" if value != 1 else "1 image"
    word = plain(value_name(name, value).partition(" (")[0], 60)
    if name == "size" and word == "Automatic":
        return "automatic size"
    return _SAID[name].format(word[:1].lower() + word[1:]) if name in _SAID else word


def choice_label(name: str, value: str | int) -> str:
    """Say what an option may be, as an entry of a menu: ``Square 1024 × 1024``, ``Low quality``."""
    words = option_words(name, value)
    return words[:1].upper() + words[1:]


def model_name(model: str) -> str:
    """Write a model's name as people do: ``GPT-Image 1.5``; one of another family stays as it is."""
    family = next((each for each in _FAMILIES if model.startswith(f"{each}-")), None)
    if family is None:
        return model
    version = model.removeprefix(family).removesuffix("-edit").strip("-").replace("-", ".")
    return f"{_FAMILIES[family]} {version}".rstrip()


def model_label(price: ListPrice) -> str:
    """Name a model with the price of an image: ``GPT-Image 2 · 5 credits an image``."""
    return f"{model_name(price.model)} · {price_text(price)}"


def price_text(price: ListPrice) -> str:
    """Say what an image of a model costs: ``5 credits an image``; of what nobody has said yet: ``about``."""
    return f"{'' if price.known else 'about '}{credits_text(price.cost)} an image"
