"""The models: what they cost, what they take, and their JSON Schemas as the catalogue shows them.

Names, values and defaults are those of the edit model's public page; limits are the upstream's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

MOST_IMAGES = 8
MOST_RESULTS = 4
PROMPT_LENGTH = (2, 32_000)
MOST_SOURCE_BYTES = 50 * 1024 * 1024
_SIZES = ("auto", "1024x1024", "1536x1024", "1024x1536")


def _choice(description: str, default: str, values: Sequence[str]) -> Json:
    return {"type": "string", "description": description, "enum": list(values), "default": default}


_PROMPT: Json = {
    "type": "string",
    "description": "What to make, in words. 2 to 32,000 characters.",
    "minLength": PROMPT_LENGTH[0],
    "maxLength": PROMPT_LENGTH[1],
}
_IMAGE_URLS: Json = {
    "type": "array",
    "description": "1 to 8 reference images: URLs of png, jpeg or webp files under 50 MB.",
    "items": {"type": "string", "format": "uri"},
    "minItems": 1,
    "maxItems": MOST_IMAGES,
}
_MASK_URL: Json = {
    "type": "string",
    "format": "uri",
    "description": "URL of a png whose transparent places may be changed.",
}
_BACKGROUND = _choice(
    "Background of the results; transparent needs png or webp.", "auto", ("auto", "transparent", "opaque")
)
_QUALITY = _choice("Detail of the results.", "high", ("low", "medium", "high"))
_FIDELITY = _choice("How closely the results keep to the reference images.", "high", ("low", "high"))
_COUNT: Json = {
    "type": "integer",
    "description": "How many results to make. Each is charged.",
    "minimum": 1,
    "maximum": MOST_RESULTS,
    "default": 1,
}
_FORMAT = _choice("File format of the results.", "png", ("png", "jpeg", "webp"))


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue; ``cost`` is thousandths of a credit per image."""

    api_id: str
    name: str
    description: str
    cost: int
    capabilities: tuple[str, ...]
    properties: Mapping[str, Json]
    required: tuple[str, ...]

    @property
    def edits(self) -> bool:
        """Tell whether it takes sources."""
        return "image_urls" in self.properties

    @property
    def upstream(self) -> str:
        """Return what the upstream calls it, such as ``gpt-image-1.5``."""
        return self.name.removesuffix(" Edit").replace(" ", "-").lower()

    def schema(self) -> Json:
        """Return the JSON Schema of its request bodies."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": dict(self.properties),
            "required": list(self.required),
            "additionalProperties": False,
        }


def _properties(size: str, *names_and_parts: tuple[str, Json]) -> dict[str, Json]:
    """Return the properties of a model in the order of its page."""
    own = dict(names_and_parts)
    sizes = _choice("Width and height of the results.", size, _SIZES)
    parts: dict[str, Json | None] = {
        "prompt": _PROMPT,
        "image_urls": own.get("image_urls"),
        "mask_url": own.get("mask_url"),
        "image_size": sizes,
        "background": own.get("background"),
        "quality": _QUALITY,
        "input_fidelity": own.get("input_fidelity"),
        "num_images": _COUNT,
        "output_format": _FORMAT,
    }
    return {name: part for name, part in parts.items() if part is not None}


MODELS: tuple[Model, ...] = (
    Model(
        "gpt-image-1-5-edit",
        "GPT-Image 1.5 Edit",
        "OpenAI GPT-Image 1.5 image editing: 1 to 8 reference images and an instruction.",
        4000,
        ("image-generation", "img2img", "editing"),
        _properties(
            "auto", ("image_urls", _IMAGE_URLS), ("background", _BACKGROUND), ("input_fidelity", _FIDELITY)
        ),
        ("prompt", "image_urls"),
    ),
    Model(
        "gpt-image-2-edit",
        "GPT-Image 2 Edit",
        "OpenAI GPT-Image 2 image editing: 1 to 8 reference images, an instruction, optionally a mask.",
        5000,
        ("image-generation", "img2img", "editing"),
        _properties("auto", ("image_urls", _IMAGE_URLS), ("mask_url", _MASK_URL)),
        ("prompt", "image_urls"),
    ),
    Model(
        "gpt-image-1-5",
        "GPT-Image 1.5",
        "OpenAI GPT-Image 1.5: images from words.",
        4000,
        ("image-generation",),
        _properties("1024x1024", ("background", _BACKGROUND)),
        ("prompt",),
    ),
    Model(
        "gpt-image-2",
        "GPT-Image 2",
        "OpenAI GPT-Image 2: images from words.",
        5000,
        ("image-generation",),
        _properties("1024x1024"),
        ("prompt",),
    ),
)
