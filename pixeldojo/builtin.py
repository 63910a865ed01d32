"""Built-in descriptions of the models that the provider's pages describe.

They serve while the live ``requestSchema`` cannot be had. Source: the provider's page of
``gpt-image-1-5-edit`` for names and defaults, the upstream's documentation for values, whose names and
defaults are the same. Generation differs by having no sources, no fidelity, and a default size.
"""

from collections.abc import Mapping
from typing import Final

from pixeldojo.wire import Json

_SIZES: Final = ("auto", "1024x1024", "1536x1024", "1024x1536")


def _choice(*values: str, default: str) -> dict[str, Json]:
    return {"type": "string", "enum": list(values), "default": default}


def _schema(required: tuple[str, ...], **properties: dict[str, Json]) -> Mapping[str, Json]:
    prompt: dict[str, Json] = {"type": "string", "minLength": 2, "maxLength": 32_000}
    return {
        "type": "object",
        "properties": {"prompt": prompt, **properties},
        "required": list(required),
        "additionalProperties": False,
    }


def _images(most: int) -> dict[str, Json]:
    return {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": most}


_IMAGE_URLS = _images(8)
_MASK_URL: dict[str, Json] = {"type": "string", "maxLength": 8192}
_BACKGROUND = _choice("auto", "transparent", "opaque", default="auto")
_QUALITY = _choice("low", "medium", "high", default="high")
_FIDELITY = _choice("low", "high", default="high")
_COUNT: dict[str, Json] = {"type": "integer", "minimum": 1, "maximum": 4, "default": 1}
_FORMAT = _choice("png", "jpeg", "webp", default="png")
_EDIT_SIZE = _choice(*_SIZES, default="auto")
_GENERATION_SIZE = _choice(*_SIZES, default="1024x1024")

_SCHEMAS: Final[Mapping[str, Mapping[str, Json]]] = {
    "gpt-image-1-5-edit": _schema(
        ("prompt", "image_urls"),
        image_urls=_IMAGE_URLS,
        image_size=_EDIT_SIZE,
        background=_BACKGROUND,
        quality=_QUALITY,
        input_fidelity=_FIDELITY,
        num_images=_COUNT,
        output_format=_FORMAT,
    ),
    "gpt-image-2-edit": _schema(
        ("prompt", "image_urls"),
        image_urls=_IMAGE_URLS,
        mask_url=_MASK_URL,
        image_size=_EDIT_SIZE,
        quality=_QUALITY,
        num_images=_COUNT,
        output_format=_FORMAT,
    ),
    # Of these two the pages say no values: what is certain.
    "qwen-image-2-edit": _schema(("prompt", "image"), image=_images(3)),
    "p-image-edit": _schema(("prompt", "images"), images=_images(5)),
    "gpt-image-1-5": _schema(
        ("prompt",),
        image_size=_GENERATION_SIZE,
        background=_BACKGROUND,
        quality=_QUALITY,
        num_images=_COUNT,
        output_format=_FORMAT,
    ),
    "gpt-image-2": _schema(
        ("prompt",),
        image_size=_GENERATION_SIZE,
        quality=_QUALITY,
        num_images=_COUNT,
        output_format=_FORMAT,
    ),
}
_COSTS: Final[Mapping[str, int]] = {
    "gpt-image-1-5-edit": 4000,
    "gpt-image-2-edit": 5000,
    "qwen-image-2-edit": 1000,
    "p-image-edit": 250,
}

BUILTIN_MODELS: Final = tuple(_SCHEMAS)
"""The models that are described here."""


def builtin_schema(api_id: str) -> Mapping[str, Json] | None:
    """Return the JSON Schema of a model's run body, if it is described here."""
    return _SCHEMAS.get(api_id)


def builtin_cost(api_id: str) -> int | None:
    """Return what an image costs by the provider's pages, in thousandths of a credit."""
    return _COSTS.get(api_id)
