"""Models that name the same things differently: every shape that a request schema is known to have."""

from __future__ import annotations

from playground.pixeldojo.catalogue import MASK_URL, PAGES, PROMPT, Json, Model, Names, choice

_EDITING = ("image-generation", "img2img", "editing")
_RATIOS = ("1:1", "3:2", "2:3", "16:9", "9:16")
_SEED: Json = {"type": "integer", "description": "The same seed makes the same result.", "minimum": 0}


def _addresses(most: int) -> Json:
    return {
        "type": "array",
        "description": f"1 to {most} reference images.",
        "items": {"type": "string", "format": "uri"},
        "minItems": 1,
        "maxItems": most,
    }


def _number(most: int) -> Json:
    return {
        "type": "integer",
        "description": "How many results.",
        "minimum": 1,
        "maximum": most,
        "default": 1,
    }


_QWEN = Model(
    "qwen-image-2-edit",
    "Qwen Image 2 Edit",
    "Qwen Image 2 image editing: 1 to 3 images and an instruction.",
    1000,
    _EDITING,
    {
        "prompt": PROMPT,
        "image": _addresses(3),
        "size": choice("Width and height.", "1024*1024", ("1024*1024", "1536*1024", "1024*1536")),
        "n": _number(6),
        "negative_prompt": {"type": "string", "maxLength": 500},
        "prompt_extend": {"type": "boolean", "default": True},
        "watermark": {"type": "boolean", "default": False},
        "seed": _SEED,
    },
    ("prompt", "image"),
    names=Names(sources="image", count="n", size="size"),
)
_P_IMAGE = Model(
    "p-image-edit",
    "P-Image Edit",
    "P-Image editing, in seconds: up to 5 images and an instruction.",
    250,
    _EDITING,
    {
        "prompt": PROMPT,
        "images": _addresses(5),
        "aspect_ratio": choice("Shape.", "match_input_image", ("match_input_image", *_RATIOS)),
    },
    ("prompt", "images"),
    names=Names(sources="images", count="", size="aspect_ratio"),
    pace=0.12,
)
_ONE_IMAGE = Model(
    "atelier-edit",
    "Atelier Edit",
    "One image by its address, a shape and a resolution that decides what it costs.",
    2000,
    _EDITING,
    {
        "prompt": PROMPT,
        "image_url": {"type": "string", "format": "uri", "description": "The image."},
        "mask": MASK_URL,
        "aspect_ratio": choice("Shape.", "1:1", _RATIOS),
        "resolution": choice("Pixels.", "1K", ("1K", "2K", "4K")),
        "num_outputs": _number(4),
        "seed": _SEED,
    },
    ("prompt", "image_url"),
    names=Names(sources="image_url", mask="mask", count="num_outputs", size="aspect_ratio"),
    priced_by="resolution",
    costs={"1K": 2000, "2K": 3000, "4K": 6500},
)
_NEXT = Model(
    "gpt-image-3-edit",
    "GPT-Image 3 Edit",
    "What may come: more qualities, sizes and formats; what it costs depends on the quality.",
    6000,
    _EDITING,
    {
        "prompt": PROMPT,
        "reference_images": _addresses(8),
        "mask_url": MASK_URL,
        "image_size": choice("Width and height.", "auto", ("auto", "1024x1024", "2048x2048", "3840x2160")),
        "quality": choice("Detail.", "high", ("low", "medium", "high", "xhigh", "max")),
        "num_images": _number(10),
        "output_format": choice("File format.", "png", ("png", "jpeg", "webp", "gif")),
    },
    ("prompt", "reference_images"),
    names=Names(sources="reference_images"),
    priced_by="quality",
    costs={"low": 1000, "medium": 3000, "high": 6000, "xhigh": 9000, "max": 14_000},
)
_UNUSABLE = Model(
    "relight-edit",
    "Relight Edit",
    "Needs a map of the light, which nobody here has.",
    3000,
    _EDITING,
    {"prompt": PROMPT, "input_images": _addresses(2), "light_map_url": {"type": "string", "format": "uri"}},
    ("prompt", "input_images", "light_map_url"),
    names=Names(sources="input_images", count="", size=""),
)
_LISTED = Model(
    "canvas-edit",
    "Canvas Edit",
    "Input images, and nothing else to choose.",
    500,
    _EDITING,
    {"prompt": PROMPT, "input_images": _addresses(4)},
    ("prompt", "input_images"),
    names=Names(sources="input_images", count="", size=""),
)

MODELS: tuple[Model, ...] = (*PAGES, _QWEN, _P_IMAGE, _ONE_IMAGE, _NEXT, _LISTED, _UNUSABLE)
"""The whole catalogue, in its order."""
