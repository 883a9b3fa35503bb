"""Checks by people: blind questions about a run, sheets to answer them on, and what the answers say."""
