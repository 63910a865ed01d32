"""A stand-in PixelDojo: the provider's API with a balance, real pictures, and every fault on demand."""

from playground.pixeldojo.stand_in import ProviderStandIn

__all__ = ["ProviderStandIn"]
