"""Trends as tables, pages and pictures, laid out in millimetres of a page."""
