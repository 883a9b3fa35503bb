"""Change over time: topics in periods, and two periods or two runs compared.

`over_time` tells the story from dates to verdicts; `compare` sets two sides against each other. The
statistics lie in `growth`, `scatter`, `steps`, `bursts` and `shares`, the rules in `verdicts`, the words in
`words`, the tables in `tables`, the pictures in `plots`. docs/trends.md explains all of it to readers who are
no statisticians.
"""

from topics.trends.compare import Side, compare_periods, compare_runs
from topics.trends.over_time import no_trends, trends, trends_of

__all__ = ["Side", "compare_periods", "compare_runs", "no_trends", "trends", "trends_of"]
