"""The colour profile of a picture: embedded, or made of the numbers that say how its colours are meant.

Numbers are PNG's cICP, gAMA and cHRM, and the "nclx" of HEIC and AVIF; what they mean is in ITU-T H.273. A
profile made of them is a matrix profile (ICC.1:2001-04), so that one library converts everything.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from PIL import Image

from pictures.kinds import Format

Point = tuple[float, float]
_SRGB: tuple[Point, ...] = ((0.3127, 0.3290), (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
"""White, red, green and blue, as x and y of CIE 1931."""
_PRIMARIES: Mapping[int, tuple[Point, ...]] = {
    9: (_SRGB[0], (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: ((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: (_SRGB[0], (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""BT.2020, DCI-P3 and Display P3; viewers show all others as sRGB, or nearly."""
_GAMMAS: Mapping[int, float] = {4: 2.2, 5: 2.8, 8: 1.0}
_PQ, _HLG = 16, 18
"""Transfer functions of high dynamic range."""
_WHITE = 203
"""What they show ordinary white at, in candela per square metre (BT.2408)."""
_KNEE = 0.8
"""Share of white above which brighter light is pressed together, so that highlights keep their shape."""
_STEPS = 1024
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
_USUAL_GAMMA = 0.45455
"""PNG's way to say sRGB in one number."""


def profile_of(image: Image.Image, kind: Format, data: bytes, cicp: bytes = b"") -> bytes | None:
    """Return a picture's colour profile, if it has one or says in numbers that it is not sRGB.

    ``cicp`` is the chunk of that name of a PNG, which goes before anything else.
    """
    info = cast("dict[str, Any]", image.info)
    if len(cicp) >= 2:
        return _meant(cicp[0], cicp[1])
    if embedded := cast("bytes | None", info.get("icc_profile")):
        return embedded
    if kind == "PNG" and "srgb" not in info:
        return _by_chunks(info)
    if kind in {"HEIC", "AVIF"} and (at := data.find(b"colrnclx")) > 0:
        return _meant(*struct.unpack_from(">HH", data.ljust(at + 12, b"\0"), at + 8))
    return None


def _meant(primaries: int, transfer: int) -> bytes | None:
    """Return the profile of two code points; ``None`` for what is sRGB, or shown as if it were."""
    if primaries not in _PRIMARIES and transfer not in {*_GAMMAS, _PQ, _HLG}:
        return None
    return _made(_PRIMARIES.get(primaries, _SRGB), transfer, _GAMMAS.get(transfer))


def _by_chunks(info: Mapping[str, Any]) -> bytes | None:
    gamma, points = info.get("gamma"), info.get("chromaticity")
    if gamma is None and points is None:
        return None
    exponent = 1 / gamma if gamma and 0.1 < gamma < 10 else 1 / _USUAL_GAMMA
    corners = _SRGB if points is None else tuple(zip(points[::2], points[1::2], strict=True))
    if corners == _SRGB and abs(exponent * _USUAL_GAMMA - 1) < 0.01:
        return None
    try:
        return _made(corners, 0, exponent)
    except (ZeroDivisionError, struct.error):
        # Corners that span nothing.
        return None


@cache
def _made(corners: tuple[Point, ...], transfer: int, gamma: float | None) -> bytes:
    """Write a profile with these corners, and a gamma or what a transfer function's number says."""
    if gamma is None:
        light = {_PQ: _pq, _HLG: _hlg}.get(transfer, _srgb)
        samples = [round(65_535 * light(step / (_STEPS - 1))) for step in range(_STEPS)]
        curve = struct.pack(f">4sII{_STEPS}H", b"curv", 0, _STEPS, *samples)
    else:
        curve = struct.pack(">4sIIHH", b"curv", 0, 1, min(65_535, round(256 * gamma)), 0)
    names = (b"rXYZ", b"gXYZ", b"bXYZ")
    parts = dict(zip(names, map(_xyz, _columns(corners)), strict=True)) | {b"wtpt": _xyz(_D50)}
    start = 128 + 4 + 12 * 7
    table, body = b"", b"".join(parts.values())
    for place, name in enumerate(parts):
        table += struct.pack(">4sII", name, start + 20 * place, 20)
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        table += struct.pack(">4sII", name, start + len(body), len(curve))
    size = start + len(body) + len(curve)
    head = struct.pack(">I4sI4s4s4s", size, b"", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head = (head + bytes(12) + b"acsp" + bytes(28) + _xyz(_D50)[8:]).ljust(128, b"\0")
    return b"".join([head, struct.pack(">I", 7), table, body, curve])


def _columns(corners: Sequence[Point]) -> list[tuple[float, ...]]:
    """Return XYZ of the three primaries, seen by the white of profiles (D50)."""
    white, *primaries = [(x / y, 1.0, (1 - x - y) / y) for x, y in corners]
    rows = list(zip(*primaries, strict=True))
    shares = _times(_inverse(rows), white)
    here, there = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    ratios = [to / of for to, of in zip(there, here, strict=True)]
    back = _inverse(_BRADFORD)
    return [
        _times(
            back,
            [ratio * part for ratio, part in zip(ratios, _times(_BRADFORD, primary), strict=True)],
        )
        for primary in (
            tuple(share * part for part in primary) for share, primary in zip(shares, primaries, strict=True)
        )
    ]


def _times(matrix: Sequence[Sequence[float]], column: Sequence[float]) -> tuple[float, ...]:
    return tuple(math.fsum(one * other for one, other in zip(row, column, strict=True)) for row in matrix)


def _inverse(m: Sequence[Sequence[float]]) -> list[list[float]]:
    def minor(row: int, column: int) -> float:
        one, two = (row + 1) % 3, (row + 2) % 3
        left, right = (column + 1) % 3, (column + 2) % 3
        return m[one][left] * m[two][right] - m[one][right] * m[two][left]

    whole = sum(m[0][column] * minor(0, column) for column in range(3))
    return [[minor(column, row) / whole for column in range(3)] for row in range(3)]


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65_536 * value) for value in values))


def _srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _pq(value: float) -> float:
    """SMPTE ST 2084."""
    power = value ** (1 / 78.84375)
    return _pressed(
        10_000 * (max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
    )


def _hlg(value: float) -> float:
    """BT.2100, on a screen of 1,000 candela per square metre."""
    scene = value**2 / 3 if value <= 0.5 else (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return _pressed(1_000 * min(scene, 1.0) ** 1.2)


def _pressed(light: float) -> float:
    """Bring light (candela per square metre) between black and white of an ordinary picture."""
    share, room = light / _WHITE, 1 - _KNEE
    return share if share <= _KNEE else _KNEE + room * (1 - math.exp((_KNEE - share) / room))
