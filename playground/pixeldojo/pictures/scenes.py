"""Pictures without sources: a landscape, a city or the sky, from the words of a prompt."""

from __future__ import annotations

import re
from random import Random

from PIL import Image, ImageDraw

from playground.pixeldojo.pictures import (
    abstracts,
    city,
    edits,
    grades,
    lands,
    lettering,
    skies,
    space,
    tones,
    waters,
)
from playground.pixeldojo.pictures.weather import LIGHTS, Light, light_for

_FEATURES: dict[str, str] = {
    "space": r"space|galax|nebula|planet|universe|cosmos|astronaut|saturn|mars\b",
    "mountain": r"mountain|alps?\b|peak|summit|himalaya|glacier|fjord|cliff",
    "forest": r"forest|woods?\b|tree|pine|fir\b|jungle|taiga",
    "sea": r"sea\b|ocean|lake|beach|coast|water(?! ?colou?r)|river|harbou?r|island|sail|boat|ship|fjord",
    "city": r"city|cities|town|skyline|street|skyscraper|metropolis|tokyo|new york|urban|building",
    "desert": r"desert|dune|sahara|sand\b|oasis",
    "hills": r"hill|meadow|field|valley|landscape|countryside|farm|horizon|vineyard|scenery|nature",
}
# Edits whose words already shaped the scene.
_LIGHT_EDITS = ("night", "golden_hour", "winter", "painting", "neon", "darker", "brighter")


def features(prompt: str) -> frozenset[str]:
    """Return what a prompt wants to see, of the things this painter knows."""
    return frozenset(
        name for name, words in _FEATURES.items() if re.search(rf"(?<!\w)(?:{words})", prompt, re.IGNORECASE)
    )


def _names_a_light(prompt: str) -> bool:
    return any(re.search(rf"(?<!\w)(?:{light.words})", prompt, re.IGNORECASE) for light in LIGHTS)


def scene(size: tones.Size, prompt: str, rng: Random, number: int) -> Image.Image:
    """Return the picture (RGB) for a prompt: a scene that it names, otherwise an abstract with a caption."""
    seen = features(prompt)
    if "space" in seen:
        picture = space.space(size, prompt, rng)
    elif seen or _names_a_light(prompt):
        picture = landscape(size, seen, light_for(prompt, rng), rng)
    else:
        picture = lettering.stamp(abstracts.abstract(size, prompt, rng, number), prompt)
    style = edits.named_edits(prompt, except_for=_LIGHT_EDITS)
    return edits.apply_edits(picture, style, prompt, rng)


def landscape(size: tones.Size, seen: frozenset[str], light: Light, rng: Random) -> Image.Image:
    """Paint a landscape from back to front."""
    wet = "sea" in seen
    horizon = size[1] * (rng.uniform(0.54, 0.62) if wet or "city" in seen else rng.uniform(0.50, 0.58))
    picture, disc = skies.sky(size, light, horizon, rng)
    if "mountain" in seen:
        picture = lands.mountains(picture, horizon, light, rng)
    if "city" in seen:
        picture = city.skyline(picture, horizon if wet else horizon + size[1] * 0.25, light, rng)
    if wet:
        picture = _shore(picture, horizon, disc, light, rng, seen)
    else:
        picture = _ground(picture, horizon, light, rng, seen)
    if light.name in ("day", "dawn", "golden"):
        picture = _birds(picture, horizon, light, rng)
    if light.name == "winter":
        picture = grades.snowfall(picture, rng)
    return tones.grain(picture, rng, 5)


def _shore(
    picture: Image.Image,
    horizon: float,
    disc: tuple[float, float],
    light: Light,
    rng: Random,
    seen: frozenset[str],
) -> Image.Image:
    if "city" not in seen and "mountain" not in seen:
        line = lands.ridge(
            lands.rolling(rng), picture.width, horizon + picture.height * 0.02, picture.height * 0.08
        )
        colour = tones.mix(light.haze, light.near, 0.3)
        picture = lands.lay(picture, lands.below(picture.size, line), horizon * 0.92, colour, light.haze)
    picture = waters.water(picture, horizon, disc, light, rng)
    if "city" not in seen:
        picture = waters.sails(picture, horizon, light, rng)
    if "forest" in seen:
        picture = lands.forest(picture, horizon + picture.height * 0.22, light, rng)
    return picture


def _ground(
    picture: Image.Image, horizon: float, light: Light, rng: Random, seen: frozenset[str]
) -> Image.Image:
    if "desert" in seen:
        return lands.dunes(picture, horizon, light, rng)
    if "forest" in seen:
        return lands.forest(picture, horizon, light, rng)
    if "city" in seen:
        foot = horizon + picture.height * 0.245
        line = lands.ridge(lands.rolling(rng), picture.width, foot, picture.height * 0.07)
        dark = tones.mix(light.near, tones.BLACK, 0.25)
        return lands.lay(picture, lands.below(picture.size, line), foot * 0.9, dark, light.near)
    return lands.hills(picture, horizon, light, rng)


def _birds(picture: Image.Image, horizon: float, light: Light, rng: Random) -> Image.Image:
    """Let a few birds cross the sky."""
    centre = (rng.uniform(0.2, 0.8) * picture.width, horizon * rng.uniform(0.2, 0.5))
    flock = [
        (
            rng.gauss(centre[0], picture.width * 0.06),
            rng.gauss(centre[1], horizon * 0.05),
            rng.uniform(0.6, 1.2),
        )
        for _ in range(rng.randint(4, 9))
    ]
    unit = picture.width * 0.008

    def paint(draw: ImageDraw.ImageDraw, scale: float) -> None:
        for across, down, share in flock:
            reach = unit * share * scale
            x, y = across * scale, down * scale
            thick = max(1, round(reach * 0.22))
            draw.arc((x - 2 * reach, y - reach, x, y + reach), 200, 340, fill=255, width=thick)
            draw.arc((x, y - reach, x + 2 * reach, y + reach), 200, 340, fill=255, width=thick)

    dark = Image.new("RGB", picture.size, tones.mix(light.near, tones.BLACK, 0.3))
    return Image.composite(dark, picture, tones.mask_of(picture.size, paint))
