"""The rules of the house: who may import whom, and what must not be loaded for --help."""

import ast
import builtins
import dis
import graphlib
import importlib.util
import inspect
import re
import subprocess
import sys
import types
from collections import Counter
from pathlib import Path

import pytest

import topics
from topics.pipeline import STAGES

PACKAGE = Path(topics.__file__).parent
# Imports run from a later one of these to an earlier one, and inside a room in no circle.
ORDER = (
    "about",
    "errors",
    "types",
    "config",
    "cache",
    "corpus",
    "embed",
    "terms",
    "cluster",
    "label",
    "trends",
    "evidence",
    "output",
    "pipeline",
    "runner",
    "runs",
    "shards",
    "api",
    "cli",
    "__main__",
    "__init__",
)
# Under every stage, without a part in what one finds; of types every key depends anyway.
GROUND = {"about", "errors", "config", "types", "cache"}
# What the modules of a stage import, but its own result does not come from; what that imports does not count
# either. Tables and pages take from the corpus its account and its columns, not how papers got there; words
# in common are counted where two runs are compared; a page tells what a method is called, not what it does;
# which languages an encoder does not read is said in a note, and no vector depends on it.
IDLE = {
    "embed": {"corpus/screen"},
    "tables": {"corpus/duplicates", "corpus/rows"},
    "trend_files": {"terms/lexicon", "label/bertopic", "label/keywords"},
    "report": {
        "corpus/duplicates",
        "corpus/rows",
        "terms/lexicon",
        "label/bertopic",
        "label/keywords",
        "cluster/consensus",
    },
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


def name_of(path):
    """A module as room/name, a package as the room alone."""
    return path.relative_to(PACKAGE).with_suffix("").as_posix().removesuffix("/__init__")


def room(name):
    return name.split("/")[0]


NAMES = {name_of(path) for path in modules()}


def imported(path):
    """The modules of this package that one imports, wherever in its text."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "topics":
            own = "/".join(node.module.split(".")[1:]) or "__init__"
            inside = {f"{own}/{alias.name}" if own != "__init__" else alias.name for alias in node.names}
            found |= inside & NAMES
            if inside - NAMES:
                found.add(own)
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.partition(".")[2].replace(".", "/")
                for alias in node.names
                if alias.name.startswith("topics.")
            }
    return found


def test_every_room_has_its_place_in_the_order():
    assert {room(name) for name in NAMES} == set(ORDER)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_run_down_through_the_rooms(path):
    own = room(name_of(path))
    above = {name for name in imported(path) if ORDER.index(room(name)) > ORDER.index(own)}
    assert above == set()


def test_no_import_goes_in_a_circle():
    graphlib.TopologicalSorter(
        {name_of(path): imported(path) - {name_of(path)} for path in modules()}
    ).prepare()


def listed(name, modules):
    return any(f"{name}/".startswith(f"{one}/") for one in modules)


@pytest.mark.parametrize("spec", STAGES.values(), ids=lambda spec: spec.name)
def test_a_stage_is_done_again_when_a_module_that_it_rests_on_changes(spec):
    """Each module that the listed ones import is listed too, and so what they reach through one another."""
    used = set().union(*(imported(path) for path in modules() if listed(name_of(path), spec.modules)))
    missing = {name for name in used if room(name) not in GROUND and not listed(name, spec.modules)}
    assert missing == IDLE.get(spec.name, set())


# What of a run each value comes from; `topics` is `drafted` under the labels of `names`.
SOURCE = {
    match[1]: {match[2]}
    for match in re.finditer(
        r"def (\w+)\(self\)(?:(?!def ).)*?self\.value\(\"(\w+)\"",
        (PACKAGE / "types" / "run.py").read_text(encoding="utf-8"),
        re.DOTALL,
    )
} | {"topics": {"label", "names"}}


def taken(tree):
    """The attributes of what is called `run`, alone or as an attribute of something else."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and "run" in (getattr(node.value, "id", None), getattr(node.value, "attr", None))
    }


def passes_on(tree):
    """Whether the whole run is an argument of a call."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    arguments = [one for call in calls for one in (*call.args, *(named.value for named in call.keywords))]
    return any(isinstance(one, ast.Name) and one.id == "run" for one in arguments)


def sources_of(spec):
    """The source of a stage, and of its modules where it gives them the whole run."""
    own = inspect.getsource(spec.make)
    found = [path for path in modules() if listed(name_of(path), spec.modules)]
    return [own, *(path.read_text(encoding="utf-8") for path in found if passes_on(ast.parse(own)))]


@pytest.mark.parametrize("spec", STAGES.values(), ids=lambda spec: spec.name)
def test_a_stage_needs_what_it_takes_from_the_run(spec):
    names = set().union(*(taken(ast.parse(source)) for source in sources_of(spec)))
    assert set().union(*(SOURCE.get(name, set()) for name in names)) <= set(spec.needs)


class Named:
    """A configuration that remembers which of its parts are named."""

    def __init__(self, path=""):
        self.path = path

    def __getattr__(self, name):
        return Named(f"{self.path}.{name}")

    def __call__(self, **_):
        return Named(self.path.rpartition(".")[0])


@pytest.mark.parametrize("spec", STAGES.values(), ids=lambda spec: spec.name)
def test_what_modules_take_from_the_settings_of_the_whole_run_is_named(spec):
    _, *sources = sources_of(spec)
    found = spec.settings(Named())
    named = [part.path for part in (found if isinstance(found, tuple) else (found,)) if part is not None]
    for path in {path for source in sources for path in re.findall(r"\brun\.config((?:\.\w+)+)", source)}:
        assert any(f"{path}.".startswith(f"{part}.") for part in named), path


def code_of(code):
    """A function's code and that of the functions in it."""
    yield code
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield from code_of(part)


@pytest.mark.parametrize("spec", STAGES.values(), ids=lambda spec: spec.name)
def test_what_a_stage_uses_is_imported(spec):
    """Types at the top of pipeline.py are for annotations: a stage that makes one imports it."""
    used = {
        step.argval
        for code in code_of(spec.make.__code__)
        for step in dis.get_instructions(code)
        if step.opname == "LOAD_GLOBAL"
    }
    assert used <= {*spec.make.__globals__, *dir(builtins)}


def test_no_two_classes_share_a_name():
    found = Counter(
        node.name
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, number in found.items() if number > 1] == []


def test_one_module_touches_bertopic():
    users = [
        name_of(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "bertopic")
        or (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "bertopic" for a in node.names))
    ]
    assert set(users) == {"label/bertopic"}


@pytest.mark.parametrize(
    "path", sorted((PACKAGE.parent / "benchmarks").glob("*.py")), ids=lambda path: path.stem
)
def test_benchmarks_import_what_is_there(path):
    """No other test runs them, and a name that moves would show only to the next one who measures."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "topics":
            module = importlib.import_module(node.module)
            for alias in node.names:
                inside = (
                    importlib.util.find_spec(f"{node.module}.{alias.name}")
                    if hasattr(module, "__path__")
                    else None
                )
                assert hasattr(module, alias.name) or inside, f"{node.module}.{alias.name}"


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
