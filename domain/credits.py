"""Credits: integers of thousandths, shown as members read them."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

THOUSANDTHS = 1_000
"""Thousandths of a credit in one credit."""
MOST_CREDITS = 10**12
"""Credits: a greater amount is a mistake."""


def credits_text(thousandths: int) -> str:
    """Write an amount as a number, then the word: ``8 credits``, ``1 credit``, ``4.5 credits``."""
    return f"{credits_number(thousandths)} {'credit' if abs(thousandths) == THOUSANDTHS else 'credits'}"


def credits_number(thousandths: int) -> str:
    """Write an amount of thousandths as a plain number of credits, without needless zeros."""
    whole, rest = divmod(abs(thousandths), THOUSANDTHS)
    sign = "-" if thousandths < 0 else ""
    fraction = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{sign}{whole:,}{fraction}"


def thousandths_of(text: str | float) -> int:
    """Read a number of credits into thousandths, rounding half up.

    Raises
    ------
    ValueError
        It is not a finite number, or not below ``MOST_CREDITS``.
    """
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        value = Decimal("NaN")
    # A few letters like "1e99999999" would make an integer of that many digits.
    if not value.is_finite() or value.copy_abs() >= MOST_CREDITS:
        raise ValueError(f"not a number of credits: {text!r}")
    return int((value * THOUSANDTHS).to_integral_value(ROUND_HALF_UP))
