"""Run the command line and be killed when so many shards of a step are done:
python -m tests.shards.dying STEP SHARDS ARGUMENTS...
"""

import os
import signal
import sys

from topics.cli import main
from topics.shards import task as work

if __name__ == "__main__":
    step, many = sys.argv[1], int(sys.argv[2])
    finish, finished = work.finish, []

    def counted(task):
        done = finish(task)
        finished.append(task.recipe.step)
        if finished.count(step) == many:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    import topics.shards.run

    topics.shards.run.finish = counted
    main(sys.argv[3:], prog_name="topics")
