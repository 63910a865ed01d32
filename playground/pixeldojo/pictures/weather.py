"""What a prompt says about light and weather: the colours of a scene."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from playground.pixeldojo.pictures.tones import Colour, Stop


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of one time of day.

    ``sky`` is a gradient from zenith to horizon, ``haze`` what far land fades into, ``near`` the colour of
    the nearest land, ``disc`` the sun's or moon's, ``glow`` its halo's, ``height`` the range of its place
    (0 is the top, 1 the horizon), ``dark`` whether windows are lit and stars shine.
    """

    name: str
    words: str
    sky: tuple[Stop, ...]
    haze: Colour
    near: Colour
    disc: Colour
    glow: Colour
    height: tuple[float, float]
    dark: float = 0.0
    clouds: Colour = (255, 255, 255)


LIGHTS: tuple[Light, ...] = (
    Light(
        "aurora", r"aurora|northern lights|polar lights",
        ((0.0, (6, 10, 30)), (0.6, (14, 36, 66)), (1.0, (30, 84, 96))),
        (30, 74, 88), (4, 10, 18), (236, 244, 255), (120, 200, 220), (0.10, 0.25), 1.0, (30, 60, 80),
    ),
    Light(
        "night", r"night|midnight|neon|cyberpunk|moon|star(?:s|ry|lit)|nocturn",
        ((0.0, (7, 10, 32)), (0.55, (20, 32, 76)), (1.0, (66, 84, 136))),
        (58, 74, 122), (6, 9, 22), (248, 246, 230), (150, 170, 230), (0.15, 0.35), 1.0, (46, 58, 100),
    ),
    Light(
        "storm", r"storm|rain|thunder|lightning|gloom",
        ((0.0, (34, 40, 52)), (0.6, (82, 92, 106)), (1.0, (150, 156, 156))),
        (120, 130, 136), (24, 32, 36), (214, 218, 220), (200, 206, 210), (0.2, 0.3), 0.4, (58, 64, 76),
    ),
    Light(
        "dawn", r"dawn|sunrise|morning|mist|fog",
        ((0.0, (92, 120, 178)), (0.45, (196, 166, 200)), (0.75, (250, 196, 178)), (1.0, (255, 232, 202))),
        (238, 206, 202), (58, 62, 92), (255, 246, 222), (255, 214, 170), (0.70, 0.84), 0.0, (255, 226, 220),
    ),
    Light(
        "golden", r"golden|sunset|dusk|evening|warm|twilight|autumn|fall\b",
        ((0.0, (44, 44, 98)), (0.38, (150, 70, 116)), (0.68, (244, 120, 78)), (1.0, (255, 208, 112))),
        (248, 164, 96), (38, 20, 44), (255, 242, 196), (255, 176, 84), (0.62, 0.86), 0.25, (255, 150, 110),
    ),
    Light(
        "winter", r"winter|snow|frost|ice\b|icy|arctic|cold",
        ((0.0, (78, 118, 172)), (0.6, (162, 190, 218)), (1.0, (246, 232, 226))),
        (206, 216, 230), (44, 72, 104), (255, 252, 238), (255, 244, 220), (0.25, 0.5),
    ),
    Light(
        "day", r"day|noon|summer|spring|blue sk|sunny|sun\b",
        ((0.0, (38, 110, 196)), (0.6, (126, 186, 232)), (1.0, (218, 236, 240))),
        (190, 218, 226), (30, 88, 66), (255, 252, 230), (255, 246, 214), (0.14, 0.34),
    ),
)  # fmt: skip


def light_for(prompt: str, rng: Random) -> Light:
    """Return the light that a prompt names; otherwise one by chance, most often a low sun."""
    for light in LIGHTS:
        if re.search(rf"(?<!\w)(?:{light.words})", prompt, re.IGNORECASE):
            return light
    chosen = rng.choice(("golden", "golden", "dawn", "day", "night"))
    return next(light for light in LIGHTS if light.name == chosen)
