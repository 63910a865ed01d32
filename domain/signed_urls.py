"""Discord's signed attachment addresses: ``…?ex=<hex Unix seconds>&is=…&hm=…`` say when they end."""

from urllib.parse import parse_qs, urlsplit


def expiry_of(url: str) -> int | None:
    """Return when a signed address ends (Unix milliseconds), ``None`` where it does not say."""
    values = parse_qs(urlsplit(url).query).get("ex", [])
    try:
        return int(values[0], 16) * 1000 if values else None
    except ValueError:
        return None


def is_fresh(url: str | None, expires_at: int | None, *, at: int, margin: int) -> bool:
    """Tell whether an address is good for ``margin`` more milliseconds from ``at`` (Unix milliseconds)."""
    if url is None:
        return False
    return expires_at is None or at + margin < expires_at
