"""Ledger, allowances, reports and drift."""
