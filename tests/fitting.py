"""Find topics in a process of its own: python -m tests.fitting CONFIG

CONFIG is JSON. Printed, as JSON by id of a paper, are its nearest topic and the label of that.
"""

import json
import sys

from topics import runner
from topics.cache import store
from topics.cache.stage import NullObserver, RunState
from topics.config.load import validate

if __name__ == "__main__":
    config = validate(json.loads(sys.argv[1]), "the test")
    state = RunState(store.Cache.of(config.cache.dir), NullObserver())
    with state.holds:
        run = runner.plan(config, state)
        labels = [topic.label for topic in run.topics]
        nearest = run.clustering.nearest_topic.tolist()
        found = {paper: [topic, labels[topic]] for paper, topic in zip(run.corpus.ids, nearest, strict=True)}
    print(json.dumps(found))
