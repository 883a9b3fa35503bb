"""Change over time: topics in periods, and two periods or two runs compared.

`trends` tells the story from dates to verdicts; `compare` sets two sides against each other. The statistics
lie in `growth`, `dispersion`, `changepoints`, `bursts` and `shares`, the rules in `verdicts`, the words in
`words`. docs/trends.md explains all of it to readers who are no statisticians.
"""
