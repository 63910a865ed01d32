"""What the options' menus offer, in words that members understand."""

from collections.abc import Mapping, Sequence

from discord.app_commands import Choice

from domain.credits import credits_text

SIZE_CHOICES = [
    Choice(name="Automatic", value="auto"),
    Choice(name="Square 1024 × 1024", value="1024x1024"),
    Choice(name="Landscape 1536 × 1024", value="1536x1024"),
    Choice(name="Portrait 1024 × 1536", value="1024x1536"),
]
BACKGROUND_CHOICES = [
    Choice(name="Automatic", value="auto"),
    Choice(name="Transparent", value="transparent"),
    Choice(name="Opaque", value="opaque"),
]
QUALITY_CHOICES = [
    Choice(name="Low (fast)", value="low"),
    Choice(name="Medium", value="medium"),
    Choice(name="High", value="high"),
]
FIDELITY_CHOICES = [
    Choice(name="Low (freer)", value="low"),
    Choice(name="High (keeps faces and details)", value="high"),
]
FORMAT_CHOICES = [
    Choice(name="PNG", value="png"),
    Choice(name="JPEG", value="jpeg"),
    Choice(name="WebP", value="webp"),
]

_WORDS: Mapping[str, tuple[str, Sequence[Choice[str]]]] = {
    "size": ("{}", SIZE_CHOICES),
    "background": ("{} background", BACKGROUND_CHOICES),
    "quality": ("{} quality", QUALITY_CHOICES),
    "fidelity": ("{} fidelity", FIDELITY_CHOICES),
    "format": ("{}", FORMAT_CHOICES),
}
"""By option, how a chosen value is said on a card."""


def option_words(name: str, value: str | int) -> str:
    """Say a chosen option in words: ``Landscape 1536 × 1024``, ``low quality``, ``2 images``."""
    if name == "count":
        return f"{value} images" if value != 1 else "1 image"
    form, choices = _WORDS.get(name, (f"{name} {{}}", ()))
    word = next((choice.name for choice in choices if choice.value == value), str(value))
    if name == "size":
        return "automatic size" if value == "auto" else word
    return form.format(word if name == "format" else word.partition(" (")[0].lower())


def choice_label(name: str, value: str | int) -> str:
    """Say what an option may be, as an entry of a menu: ``Square 1024 × 1024``, ``Low quality``."""
    words = option_words(name, value)
    return words[:1].upper() + words[1:]


def model_name(model: str) -> str:
    """Write a model's name as people do: ``GPT-Image 1.5``; one of another family stays as it is."""
    family, found, version = model.partition("gpt-image-")
    if family or not found:
        return model
    return f"GPT-Image {version.removesuffix('-edit').replace('-', '.')}"


def model_label(model: str, cost: int) -> str:
    """Name a model with the price of an image (thousandths): ``GPT-Image 2 · 5 credits an image``."""
    return f"{model_name(model)} · {credits_text(cost)} an image"
