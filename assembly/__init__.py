"""Every part, built once, by keyword: the product, its tests and its benchmarks use the same functions."""
