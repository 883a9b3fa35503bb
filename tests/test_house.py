"""The rules of the house: who may import whom, and what must not be loaded for --help."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import topics
from topics.plan import PLAN

PACKAGE = Path(topics.__file__).parent
FOUNDATION = {"about", "errors", "forms", "config", "types"}
# Under every stage, without a part in what one finds; of types every key depends anyway.
GROUND = FOUNDATION | {"store", "stage", "workplace", "values", "cores"}
SHARED = {
    "cores",
    "configfile",
    "store",
    "values",
    "publishing",
    "markdown",
    "workplace",
    "stage",
    "assign",
    "sample",
    "density",
    "discriminant",
    "nearest",
    "structure",
    "consensus",
    "grouping",
    "steer",
    "keywords",
    "lexicon",
    "spelling",
    "tokens",
    "naming",
    "choice",
    "beside",
    "parts",
    "overlap",
    "phrases",
    "clean",
    "intake",
    "dedupe",
    "screen",
    "tex",
}
# Some stages have rooms of their own: the one that asks a language model keeps apart what it asks and whom;
# pictures of trends share the maps' colours and type, their tables the guard against spreadsheet formulas;
# the page about a run shows what several stages found.
LENDERS = {
    "edits": {"editfile"},
    "embed": {"encoders"},
    "trends": {"maps", "report"},
    "page": {"maps", "trends", "corpus"},
    "names": {"llm", "prompts"},
    "llm": {"prompts"},
}
# What the modules of a stage import, but its own result does not come from; what that imports does not count
# either. Trends are computed without what draws and writes them; tables and pages take from the corpus its
# account and its columns, not how papers got there; words in common are counted where two runs are compared;
# and the settings that a page shows are in its key as they are shown.
IDLE = {
    "trends": {"maps", "report", "markdown"},
    "tables": {"dedupe", "intake"},
    "trend_files": {"lexicon"},
    "report": {"dedupe", "intake", "lexicon"},
}
TOP = {
    "news",
    "way",
    "checks",
    "regrouping",
    "ahead",
    "rework",
    "update",
    "steps",
    "inputs",
    "plan",
    "pipeline",
    "shards",
    "runs",
    "redraw",
    "predict",
    "change",
    "answers",
    "evaluate",
    "fitted",
    "upkeep",
    "cli",
    "show",
    "__main__",
    "__init__",
}
HEAVY = (
    "numba",
    "umap",
    "hdbscan",
    "bertopic",
    "matplotlib",
    "torch",
    "onnxruntime",
    "sklearn",
    "pyarrow",
    "pandas",
)


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py"))


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "topics":
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("topics.")}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_stages_never_import_each_other(path):
    own = room(path)
    if own in TOP:
        return
    assert imported(path) <= FOUNDATION | SHARED | {own} | LENDERS.get(own, set())


def test_every_loan_is_used():
    for own, lent in LENDERS.items():
        assert lent <= set().union(*(imported(path) for path in modules() if room(path) == own)), own


@pytest.mark.parametrize("step", PLAN, ids=lambda step: step.name)
def test_a_stage_is_done_again_when_a_module_that_it_rests_on_changes(step):
    """Each module that the listed ones import is listed too, and so what they reach through one another."""
    used = set().union(*(imported(path) for path in modules() if room(path) in step.modules))
    assert used - GROUND - set(step.modules) == IDLE.get(step.name, set())


def test_errors_and_types_stand_at_the_bottom():
    assert imported(PACKAGE / "errors.py") == set()
    for path in (PACKAGE / "types").glob("*.py"):
        assert imported(path) <= {"types"}, path.name
    assert imported(PACKAGE / "forms.py") == set()
    assert imported(PACKAGE / "config.py") <= {"errors", "forms"}


def test_only_label_touches_bertopic():
    users = [
        path.name
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "bertopic")
        or (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "bertopic" for a in node.names))
    ]
    assert set(users) == {"label.py"}


def test_nothing_pickles():
    for path in modules():
        names = {
            node.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Name)
        }
        assert not names & {"pickle", "joblib", "dill", "cloudpickle"}, path.name


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from click.testing import CliRunner; from topics.cli import main; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0; "
        f"print([name for name in {HEAVY!r} + ('numpy', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
