"""The tree of topics as lines to draw: a dendrogram that grows from the left."""

from __future__ import annotations

from dataclasses import dataclass

from topics.types import Hierarchy

ROW = 20.0
WIDE = 240.0
_EDGE = 6.0


@dataclass(frozen=True)
class Tree:
    """Lengths in pixels. branches: paths in SVG's notation, each with whether it lies inside one field.

    leaves: the topic of each row from the top. wide, tall: the room that the lines take.
    """

    branches: tuple[tuple[str, bool], ...]
    leaves: tuple[int, ...]
    wide: float
    tall: float


def tree(hierarchy: Hierarchy) -> Tree:
    """The merges laid out, the larger branch above. One topic alone is a leaf without a branch."""
    count = len(hierarchy.field)
    children = {count + step: (int(row[0]), int(row[1])) for step, row in enumerate(hierarchy.merges)}
    leaves = _leaves(children, count, hierarchy)
    highest = max((float(row[2]) for row in hierarchy.merges), default=0.0) or 1.0
    across = dict.fromkeys(range(count), WIDE)
    down = {topic: (row + 0.5) * ROW for row, topic in enumerate(leaves)}
    field = {topic: int(number) for topic, number in enumerate(hierarchy.field)}
    branches = []
    for step, row in enumerate(hierarchy.merges):
        one, two = children[count + step]
        x = WIDE - (WIDE - _EDGE) * float(row[2]) / highest
        branches.append(
            (
                f"M{across[one]:.1f} {down[one]:.1f}H{x:.1f}V{down[two]:.1f}H{across[two]:.1f}",
                field[one] == field[two] >= 0,
            )
        )
        across[count + step], down[count + step] = x, (down[one] + down[two]) / 2
        field[count + step] = field[one] if field[one] == field[two] else -1
    return Tree(tuple(branches), tuple(leaves), WIDE, count * ROW)


def _leaves(children: dict[int, tuple[int, int]], count: int, hierarchy: Hierarchy) -> list[int]:
    sizes = dict.fromkeys(range(count), 1)
    for step in range(len(hierarchy.merges)):
        sizes[count + step] = int(hierarchy.merges[step][3])
    found, waiting = [], [max(children, default=0)]
    while waiting:
        node = waiting.pop()
        if node < count:
            found.append(node)
        else:
            # The last in is the first out: the larger branch comes first.
            waiting += sorted(children[node], key=lambda child: (sizes[child], -child))
    return found
