"""Topics to labels: keywords, phrases, fields and subtopics, and how far to trust them."""
