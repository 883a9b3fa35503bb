"""The rules of the house: who may import whom, and what must not be loaded for --help."""

import ast
import builtins
import dis
import graphlib
import importlib.metadata
import importlib.util
import inspect
import re
import subprocess
import sys
import types
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import topics
from tests.conftest import QUICK, SEED, run_cli
from topics import pipeline
from topics.cache.stage import Stage
from topics.config import Config
from topics.config.settings import Section
from topics.pipeline import STAGES, needed_by

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


# Numbers of threads, on which no result depends; what reads settings, which count themselves; what a named
# library brings for its own use: BERTopic's table of documents, Jinja's escaped text.
NO_PART = {"threadpoolctl", "pydantic", "yaml", "pandas", "markupsafe"}
INSTALLED = importlib.metadata.packages_distributions()


def name_of(path):
    """A module as room/name, a package as the room alone."""
    return path.relative_to(PACKAGE).with_suffix("").as_posix().removesuffix("/__init__")


def room(name):
    return name.split("/")[0]


NAMES = {name_of(path) for path in modules()}


@cache
def parsed(source):
    """The tree of a file or a piece of source."""
    return ast.parse(source if isinstance(source, str) else source.read_text(encoding="utf-8"))


@cache
def imported(source):
    """The modules of this package that a file or a piece of source imports, wherever in its text."""
    found = set()
    for node in ast.walk(parsed(source)):
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


def files_of(spec):
    """The modules that a stage names."""
    return [path for path in modules() if listed(name_of(path), spec.modules)]


each_stage = pytest.mark.parametrize("spec", STAGES.values(), ids=lambda spec: spec.name)


def code_of(code):
    """A function's code and that of the functions in it."""
    yield code
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield from code_of(part)


def globals_of(function):
    """The names outside a function that it uses."""
    steps = [step for code in code_of(function.__code__) for step in dis.get_instructions(code)]
    return {step.argval for step in steps if step.opname == "LOAD_GLOBAL"}


def own_sources(spec):
    """The source of a stage's function and of those of pipeline.py that it calls."""
    helping = [vars(pipeline).get(name) for name in sorted(globals_of(spec.make))]
    return [inspect.getsource(one) for one in (spec.make, *helping) if inspect.isfunction(one)]


def counted_in(spec, part):
    """The `modules` or `libraries` in a stage's key: its own, and those of the stages that it needs."""
    return set().union(*(getattr(STAGES[name], part) for name in needed_by(spec.name)))


@each_stage
def test_a_stage_is_done_again_when_a_module_that_it_rests_on_changes(spec):
    """What its function and its own modules import counts in its key, or in that of a stage that it needs."""
    used = set().union(*map(imported, own_sources(spec)), *map(imported, files_of(spec)))
    counted = counted_in(spec, "modules")
    assert {name for name in used if room(name) not in GROUND and not listed(name, counted)} == set()


@each_stage
def test_a_stage_names_no_module_that_it_does_not_reach(spec):
    """What it named in vain would be computed again for nothing."""
    reached, new = set(), set().union(*map(imported, own_sources(spec)))
    while new:
        reached |= new
        rooms = [name for name in spec.modules if any(listed(one, [name]) for one in new)]
        read = [path for path in modules() if name_of(path) in new or listed(name_of(path), rooms)]
        new = set().union(*map(imported, read)) - reached
    code = [name for name in spec.modules if any(listed(one, [name]) for one in NAMES)]
    assert [name for name in code if not any(listed(one, [name]) for one in reached)] == []


@cache
def distributions(source):
    """The distributions that a file or a piece of source imports."""
    roots = set()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.ImportFrom):
            roots.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
    roots -= {"topics", *sys.stdlib_module_names}
    return {name.lower() for root in roots - NO_PART for name in INSTALLED.get(root, [])}


@each_stage
def test_a_stage_is_done_again_when_a_library_that_it_uses_changes(spec):
    used = set().union(*map(distributions, own_sources(spec)), *map(distributions, files_of(spec)))
    assert used - counted_in(spec, "libraries") == set()


# What of a run each value comes from, those that are made from others too.
RUN = next(node for node in parsed(PACKAGE / "types" / "run.py").body if isinstance(node, ast.ClassDef))
PARTS = {
    node.targets[0].id if isinstance(node, ast.Assign) else node.name: (
        {
            call.args[0].value
            for call in ast.walk(node)
            if isinstance(call, ast.Call)
            and {getattr(call.func, "attr", ""), getattr(call.func, "id", "")} & {"value", "_of"}
        },
        {
            part.attr
            for part in ast.walk(node)
            if isinstance(part, ast.Attribute) and getattr(part.value, "id", "") == "self"
        }
        - {"value"},
    )
    for node in RUN.body
    if isinstance(node, ast.Assign) or (isinstance(node, ast.FunctionDef) and node.name != "value")
}


def stages_of(value):
    stages, others = PARTS.get(value, (set(), set()))
    return stages.union(*map(stages_of, others))


def test_values_made_from_others_come_from_the_stages_of_all():
    assert stages_of("corpus") == {"read"}
    assert stages_of("placed") == {"cluster", "memberships"}
    assert stages_of("quality") == {"quality", "label", "names"}


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
    return [own, *(files_of(spec) if passes_on(parsed(own)) else [])]


@each_stage
def test_a_stage_needs_what_it_takes_from_the_run(spec):
    names = set().union(*(taken(parsed(source)) for source in sources_of(spec)))
    assert set().union(*map(stages_of, names)) <= set(spec.needs)


class Named:
    """A configuration that remembers which of its parts are named."""

    def __init__(self, path=""):
        self.path = path

    def __getattr__(self, name):
        return Named(f"{self.path}.{name}")

    def __call__(self, **_):
        return Named(self.path.rpartition(".")[0])


@each_stage
def test_what_modules_take_from_the_settings_of_the_whole_run_is_named(spec):
    _, *sources = sources_of(spec)
    found = spec.settings(Named())
    named = [part.path for part in (found if isinstance(found, tuple) else (found,)) if part is not None]
    texts = (source.read_text(encoding="utf-8") for source in sources)
    for path in {path for text in texts for path in re.findall(r"\brun\.config((?:\.\w+)+)", text)}:
        assert any(f"{path}.".startswith(f"{part}.") for part in named), path


def sections(model=Config, path=""):
    """The path of each part of the settings, by its class."""
    parts = {name: field.annotation for name, field in model.model_fields.items()}
    nested = {
        name: kind for name, kind in parts.items() if inspect.isclass(kind) and issubclass(kind, Section)
    }
    found = {model: path}
    for name, kind in nested.items():
        found |= sections(kind, f"{path}.{name}")
    return found


def test_stages_run_in_their_order_and_read_no_setting_that_their_key_has_not(tmp_path, monkeypatch):
    """What a stage reads while it computes is among its `settings`, or those of a stage that it needs."""
    place_of, read, computing = sections(), {}, []

    def watched(settings, name):
        if computing and name in type(settings).model_fields and type(settings) in place_of:
            value = object.__getattribute__(settings, name)
            if not isinstance(value, Section):
                read[computing[-1]].add(f"{place_of[type(settings)]}.{name}")
        return object.__getattribute__(settings, name)

    compute = Stage._compute

    def computed(stage):
        for needed in stage.after:
            needed.ready()
        computing.append(stage.name)
        read[stage.name] = set()
        compute(stage)
        computing.pop()

    monkeypatch.setattr(Stage, "_compute", computed)
    monkeypatch.setattr(Section, "__getattribute__", watched)
    run_cli("run", SEED, "-o", tmp_path / "run", *QUICK, "--set", f"cache.dir={tmp_path / 'cache'}", "-q")
    assert list(read) == list(STAGES)
    assert ".label.min_df" in read["count"]
    missing = {}
    for name, paths in read.items():
        found = [STAGES[one].settings(Named()) for one in needed_by(name)]
        named = [part for parts in found for part in (parts if isinstance(parts, tuple) else (parts,))]
        places = {part.path for part in named if part is not None}
        missing[name] = {path for path in paths if not any(covers(place, path) for place in places)}
    assert {name: paths for name, paths in missing.items() if paths} == {}


def covers(place, path):
    """Whether a setting is a part of what a stage names; `label.own` is all but the language model."""
    if place.endswith(".own"):
        return path.startswith(place.removesuffix("own")) and not path.startswith(".label.llm.")
    return f"{path}.".startswith(f"{place.removesuffix('.asked')}.")


@each_stage
def test_what_a_stage_uses_is_imported(spec):
    """`types` at the top of pipeline.py is for annotations: a stage that makes a value imports its type."""
    assert globals_of(spec.make) <= {*spec.make.__globals__, *dir(builtins)}


def test_no_two_classes_share_a_name():
    found = Counter(
        node.name for path in modules() for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)
    )
    assert [name for name, number in found.items() if number > 1] == []


def test_one_module_touches_bertopic():
    users = [
        name_of(path)
        for path in modules()
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "bertopic")
        or (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "bertopic" for a in node.names))
    ]
    assert set(users) == {"label/bertopic"}


@pytest.mark.parametrize(
    "path", sorted((PACKAGE.parent / "benchmarks").glob("*.py")), ids=lambda path: path.stem
)
def test_benchmarks_import_what_is_there(path):
    """No other test runs them, and a name that moves would show only to the next one who measures."""
    for node in ast.walk(parsed(path)):
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
        names = {node.id for node in ast.walk(parsed(path)) if isinstance(node, ast.Name)}
        assert not names & {"pickle", "joblib", "dill", "cloudpickle"}, path.name


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from click.testing import CliRunner; from topics.cli import main; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0; "
        f"print([name for name in {HEAVY!r} + ('numpy', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
