"""What a reviewer asks of finished topics: how they differ between groups of papers, and whether more
searching would find more. Computing only.
"""
