"""The models: what they cost, what they take, and their JSON Schemas as the catalogue shows them.

Names, values and defaults of these are those of their public pages; limits are the upstream's. Further ones,
which name the same things differently, are in ``shapes``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MOST_IMAGES = 8
MOST_RESULTS = 4
PROMPT_LENGTH = (2, 32_000)
MOST_SOURCE_BYTES = 50 * 1024 * 1024
_SIZES = ("auto", "1024x1024", "1536x1024", "1024x1536")


def choice(description: str, default: str, values: Sequence[str]) -> Json:
    """Return the schema of a property that takes one of some values."""
    return {"type": "string", "description": description, "enum": list(values), "default": default}


PROMPT: Json = {
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
MASK_URL: Json = {
    "type": "string",
    "format": "uri",
    "description": "URL of a png whose transparent places may be changed.",
}
_BACKGROUND = choice(
    "Background of the results; transparent needs png or webp.", "auto", ("auto", "transparent", "opaque")
)
_QUALITY = choice("Detail of the results.", "high", ("low", "medium", "high"))
_FIDELITY = choice("How closely the results keep to the reference images.", "high", ("low", "high"))
COUNT: Json = {
    "type": "integer",
    "description": "How many results to make. Each is charged.",
    "minimum": 1,
    "maximum": MOST_RESULTS,
    "default": 1,
}
FORMAT = choice("File format of the results.", "png", ("png", "jpeg", "webp"))


@dataclass(frozen=True, slots=True)
class Names:
    """By what names a model takes sources, their mask, the number of results and their size."""

    sources: str = "image_urls"
    mask: str = "mask_url"
    count: str = "num_images"
    size: str = "image_size"


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue; ``cost`` is thousandths of a credit per image.

    ``costs`` is what it is by the value of the option ``priced_by``; ``pace`` is how much longer jobs take.
    """

    api_id: str
    name: str
    description: str
    cost: int
    capabilities: tuple[str, ...]
    properties: Mapping[str, Json]
    required: tuple[str, ...]
    names: Names = Names()
    priced_by: str = ""
    costs: Mapping[str, int] = field(default_factory=dict[str, int])
    pace: float = 1.0

    @property
    def edits(self) -> bool:
        """Tell whether it takes sources."""
        return self.names.sources in self.properties

    @property
    def upstream(self) -> str:
        """Return what the upstream calls it, such as ``gpt-image-1.5``."""
        return self.name.removesuffix(" Edit").replace(" ", "-").lower()

    def chosen(self, body: Mapping[str, Any], name: str) -> str:
        """Return the value of an option of a body, or its default; nothing where there is neither."""
        return str(body.get(name, self.properties.get(name, {}).get("default", "")))

    def sources_of(self, body: Mapping[str, Any]) -> list[str]:
        """Return the addresses of a body's sources."""
        given = body.get(self.names.sources, [])
        return [given] if isinstance(given, str) else list(given)

    def count_of(self, body: Mapping[str, Any]) -> int:
        """Return how many results a body asks for."""
        return int(body.get(self.names.count, 1))

    def price(self, body: Mapping[str, Any]) -> int:
        """Return what an image of a body costs, in thousandths of a credit."""
        return self.costs.get(self.chosen(body, self.priced_by), self.cost)

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
    sizes = choice("Width and height of the results.", size, _SIZES)
    parts: dict[str, Json | None] = {
        "prompt": PROMPT,
        "image_urls": own.get("image_urls"),
        "mask_url": own.get("mask_url"),
        "image_size": sizes,
        "background": own.get("background"),
        "quality": _QUALITY,
        "input_fidelity": own.get("input_fidelity"),
        "num_images": COUNT,
        "output_format": FORMAT,
    }
    return {name: part for name, part in parts.items() if part is not None}


PAGES: tuple[Model, ...] = (
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
        _properties("auto", ("image_urls", _IMAGE_URLS), ("mask_url", MASK_URL)),
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
