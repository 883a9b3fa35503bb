"""Write the files that are generated from the code, or with --check say which of them are out of date."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from topics.cli import main
from topics.config import Config
from topics.config.load import as_yaml
from topics.output.tables import OUTPUTS
from topics.shards import tables as shards

ROOT = Path(__file__).parent.parent


def commands() -> str:
    """The reference of the command line, from its own --help."""
    pages = ["# Commands", "", "Generated from `--help` by `.ci/docs.py`.", "", *_page(main, "topics")]
    for name in sorted(main.commands):
        command = main.commands[name]
        pages += ["", f"## topics {name}", "", *_page(command, f"topics {name}")]
        for below in sorted(command.commands) if isinstance(command, click.Group) else ():
            pages += ["", *_page(command.commands[below], f"topics {name} {below}")]
    return "\n".join(pages) + "\n"


def _page(command: click.Command, name: str) -> list[str]:
    context = click.Context(
        command,
        info_name=name,
        terminal_width=100,
        max_content_width=100,
        color=False,
        **main.context_settings,
    )
    return ["```text", *(line.rstrip() for line in command.get_help(context).splitlines()), "```"]


def outputs() -> str:
    """What a run folder holds, from the lists of outputs."""
    pages = [
        "# What a run writes",
        "",
        "Generated from `topics/output/tables/__init__.py` and `topics/shards/tables.py` by `.ci/docs.py`.",
    ]
    pages += ["", *_table(OUTPUTS), "", "## With --engine", ""]
    pages += ["[shards.md](shards.md) says how it comes about.", "", *_table(shards.OUTPUTS)]
    return "\n".join(pages) + "\n"


def _table(listed: Mapping[str, str]) -> list[str]:
    rows = [f"| `{name}` | {text} |" for name, text in listed.items()]
    return ["| file | what it holds |", "|---|---|", *rows]


def default_config() -> str:
    """Every setting with its meaning, range and default."""
    return "# Every setting with its meaning and default. `topics init` writes this file.\n" + as_yaml(
        Config(), comments=True
    )


GENERATED = {
    "docs/commands.md": commands,
    "docs/outputs.md": outputs,
    "configs/default.yaml": default_config,
}


def stale() -> list[str]:
    """Generated files that are missing or differ from what the code says."""
    return [
        name
        for name, make in GENERATED.items()
        if not (ROOT / name).exists() or (ROOT / name).read_text(encoding="utf-8") != make()
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        if found := stale():
            sys.exit(f"out of date: {', '.join(found)}; run python .ci/docs.py")
    else:
        for name, make in GENERATED.items():
            (ROOT / name).write_text(make(), encoding="utf-8")
