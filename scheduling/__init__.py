"""The request budget and how it is spent: who may call the provider now, and about which job."""
