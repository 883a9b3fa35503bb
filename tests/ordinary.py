"""Run command lines as an ordinary user: python -m tests.ordinary COMMANDS

COMMANDS are lists of arguments in JSON. The first runs as whoever started this, and loads the libraries,
which may lie where only the administrator reads. If the administrator started it, all others run as nobody.
The exit code and the output of each are printed in JSON.
"""

import json
import os
import sys

from click.testing import CliRunner

from topics.cli import main

NOBODY = 65_534


def become_ordinary():
    if os.geteuid():
        return
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


if __name__ == "__main__":
    ends = []
    for number, arguments in enumerate(json.loads(sys.argv[1])):
        if number == 1:
            become_ordinary()
        done = CliRunner().invoke(main, arguments, prog_name="topics")
        ends.append((done.exit_code, done.output))
    print(json.dumps(ends))
