"""A stand-in Discord and a stand-in PixelDojo on loopback, for trying Darkroom without an account."""
