"""The edits that a prompt can name, in the order in which they are applied."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image

from playground.pixeldojo.pictures import frames, geometry, grades, textures

Apply = Callable[[Image.Image, Random, str], Image.Image]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: its name, the words that ask for it, and the function from picture to picture."""

    name: str
    words: re.Pattern[str]
    apply: Apply


def _edit(name: str, words: str, apply: Apply) -> Edit:
    return Edit(name, re.compile(rf"(?<!\w)(?:{words})", re.IGNORECASE), apply)


EDITS: tuple[Edit, ...] = (
    _edit("mirror", r"mirror|flip\w* horizontal|flop\b", geometry.mirror),
    _edit("flip", r"flip(?!\w* horizontal)|upside[ -]?down", geometry.flip),
    _edit("rotate", r"rotat", geometry.rotate),
    _edit("sharpen", r"sharp|crisp", textures.sharpen),
    _edit("blur", r"blur|out of focus|unsharp|defocus", textures.blur),
    _edit("brighter", r"bright(?:er|en)|lighter", grades.brighter),
    _edit("darker", r"dark(?:er|en)", grades.darker),
    _edit("vivid", r"vivid|saturat|colou?rful", grades.vivid),
    _edit("night", r"night|midnight|moonl|nocturn", grades.night),
    _edit("golden_hour", r"golden[ -]hour|warm|sunset|sunrise", grades.golden_hour),
    _edit("painting", r"paint(?:ing|ed|erly|\b)|water ?colou?r|impressionis|brush", textures.painting),
    _edit("cartoon", r"cartoon|comic|anime|cel[ -]shad", textures.cartoon),
    _edit("sketch", r"sketch|pencil|edges|outline|line art|drawing", textures.sketch),
    _edit("neon", r"neon|cyberpunk", textures.neon),
    _edit("posterize", r"poster|pop[ -]art|screen ?print", textures.posterize),
    _edit("emboss", r"emboss|relief", textures.emboss),
    _edit("solarize", r"solari[sz]", grades.solarize),
    _edit("invert", r"invert|negative", grades.invert),
    _edit("black_and_white", r"black[ -]*(?:and|&|n)?[ -]*white|b ?& ?w\b|monochrom|gr[ae]y ?scale|noir\b",
          grades.black_and_white),
    _edit("sepia", r"sepia", grades.sepia),
    _edit("vintage", r"vintage|retro|old film|analog|film grain", grades.vintage),
    _edit("winter", r"winter|snow|frost|cold\b", grades.winter),
    _edit("pixelate", r"pixel|8[ -]?bit", textures.pixelate),
    _edit("glow", r"glow|dreamy|bloom|ethereal", grades.glow),
    _edit("vignette", r"vignett", frames.vignette),
    _edit("polaroid", r"polaroid|instant (?:film|photo|print)", frames.polaroid),
    _edit("frame", r"framed?\b", frames.frame),
)  # fmt: skip


def named_edits(prompt: str, *, except_for: Collection[str] = ()) -> tuple[Edit, ...]:
    """Return the edits whose words a prompt contains, in the order in which they are applied."""
    return tuple(edit for edit in EDITS if edit.name not in except_for and edit.words.search(prompt))


def apply_edits(image: Image.Image, edits: Sequence[Edit], prompt: str, rng: Random) -> Image.Image:
    """Apply edits one after another; the picture (RGB) keeps its size."""
    for edit in edits:
        image = edit.apply(image, Random(f"{edit.name}/{rng.random()}"), prompt)
    return image
