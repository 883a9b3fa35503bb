"""What a run shows: tables, maps, pictures of trends, the report."""
