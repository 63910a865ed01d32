"""A kept source as everybody may have it, within a limit of bytes."""

from domain.errors import Reason, Refusal
from domain.limits import MAX_SCALED_PIXELS, MAX_SOURCE_BYTES
from pictures.kinds import MEDIA_TYPES
from pictures.normal import Normal, encoded, normal_form
from pictures.opening import Opened, opened
from pictures.values import File, Fitted, How


def publish(file: File, out: File, *, limit: int, pixels: int = MAX_SCALED_PIXELS) -> Fitted | None:
    """Write a picture to ``out`` in its normal form, of at most ``limit`` bytes; ``None`` if that ruins it.

    Raises
    ------
    Larger
        The picture has more than ``pixels``.
    Refusal
        The file is not a picture, is damaged, or would have to be decoded and is too large for that.
    OSError
        It cannot be read, or ``out`` not be written.
    """
    picture = opened(file, pixels=pixels)
    limit = min(limit, MAX_SOURCE_BYTES)
    form: Normal | None = _form(picture, limit)
    if form is None:
        return None
    out.write_bytes(form.data)
    return Fitted(
        media_type=MEDIA_TYPES[form.kind],
        size=len(form.data),
        width=form.width,
        height=form.height,
        how=_how(form, picture.shown),
    )


def _form(picture: Opened, limit: int) -> Normal | None:
    try:
        form = normal_form(picture, limit=limit)
    except Refusal as refusal:
        if refusal.reason is Reason.TOO_LARGE:
            return None
        raise
    return form if len(form.data) <= limit else encoded(picture, limit)


def _how(form: Normal, shown: tuple[int, int]) -> How:
    if form.picture is None:
        return How.UNCHANGED
    return How.SMALLER if form.width * form.height < shown[0] * shown[1] else How.QUALITY
