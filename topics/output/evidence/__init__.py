"""Groups of papers and saturation as files: tables, pages, pictures."""
