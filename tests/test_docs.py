"""The documentation is true: links lead somewhere, generated pages are fresh, every command is described."""

import importlib.util
import re

import pytest

from tests.conftest import ROOT
from topics.cli import main

PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *ROOT.glob("*/README.md"),
        *ROOT.glob("benchmarks/**/*.md"),
    ]
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http://", "https://", "#")):
            assert (page.parent / target.split("#")[0]).exists(), f"{page.name} links to {target}"


def test_generated_pages_are_fresh():
    spec = importlib.util.spec_from_file_location("docs", ROOT / ".ci" / "docs.py")
    docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(docs)
    assert docs.stale() == []


def test_every_command_and_option_has_help_and_is_documented():
    reference = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name, command in main.commands.items():
        assert command.help, name
        assert f"## topics {name}" in reference
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert parameter.help, f"{name} {parameter.opts}"
                assert parameter.opts[0] in reference


def test_readme_names_the_two_commands_and_every_output():
    from topics.output.tables import OUTPUTS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme
    for name in OUTPUTS:
        assert f"`{name}" in readme, name


def test_no_page_names_a_place_of_this_machine():
    for page in PAGES:
        assert not re.search(r"(?<![\w.])/(work|root|home)/", page.read_text(encoding="utf-8")), page.name


def test_the_citation_is_of_this_version():
    import yaml

    from topics.about import ADDRESS, AUTHORS, YEAR, __version__

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    assert [author["name"] for author in citation["authors"]] == [AUTHORS]
    assert citation["date-released"].startswith(YEAR)
    assert [entry["value"] for entry in citation["identifiers"]] == [ADDRESS]
    assert citation["title"] in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
