"""Files to papers: reading, cleaning, duplicates, and an account of every record that was left out."""
