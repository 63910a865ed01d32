"""Turns: who waits for the leases, and who holds them."""
