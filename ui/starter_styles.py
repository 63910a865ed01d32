"""Ten styles that a server can begin with."""

from domain.styles import WORDS, Style

_KEEP = "Keep who and what is in it, and how it is composed."


def _style(emoji: str, name: str, look: str) -> Style:
    return Style(name=name, emoji=emoji, text=f"{WORDS}\n\nMake the whole image {look} {_KEEP}")


STARTERS = (
    _style(
        "🎨",
        "Watercolour",
        "a loose watercolour on rough white paper: soft washes, edges that bleed, brush strokes, "
        "pale colours.",
    ),
    _style(
        "✏️",
        "Pencil sketch",
        "a pencil drawing on cream paper: confident lines, cross-hatched shadows, no colour, some "
        "construction lines left in.",
    ),
    _style(
        "🖼️",
        "Oil painting",
        "an oil painting in the manner of the 17th century: warm light from one side, deep shadows,"
        " thick paint in the highlights, visible canvas.",
    ),
    _style(
        "🌊",
        "Woodblock print",
        "a Japanese woodblock print: flat areas of few natural colours, fine black outlines, the "
        "grain of the wood, graded sky.",
    ),
    _style(
        "💥",
        "Comic",
        "a panel of a printed comic: bold ink outlines, flat colours with dots of halftone, dramatic light.",
    ),
    _style(
        "👾",
        "Pixel art",
        "pixel art of a 16-bit game: a coarse even grid of square pixels, a palette of 32 colours, no blur.",
    ),
    _style(
        "🧶",
        "Felt and wool",
        "a scene of needle-felted wool figures photographed close: soft fibres, stitched details, "
        "studio light, shallow focus.",
    ),
    _style(
        "🎞️",
        "Film still",
        "a still of a feature film: anamorphic wide lens, natural skin, practical lights, teal "
        "shadows and warm highlights, fine grain.",
    ),
    _style(
        "📷",
        "Instant photo",
        "an instant photograph of the 1970s: faded colours, slight blur, light leaks, a white frame"
        " with a wider lower edge.",
    ),
    _style(
        "🧳",
        "Travel poster",
        "a travel poster of the 1930s: simplified shapes, few flat colours with soft gradients, "
        "long shadows, no lettering unless asked for.",
    ),
)
