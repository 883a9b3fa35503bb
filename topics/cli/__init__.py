"""The command line: parse, call, print; a file per command.

Every `TopicsError` becomes one sentence and exit code 2 here and nowhere else.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import gc
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from topics.about import __version__
from topics.cache.folders import lacks_memory
from topics.cli import (
    cache,
    check,
    compare,
    edit,
    evaluate,
    init,
    label,
    limits,
    report,
    run,
    saturation,
    show,
    trends,
    update,
    validate,
)
from topics.cli import map as maps
from topics.errors import TopicsError
from topics.output.text import printable

SELDOM = (200_000, 30, 30)
"""How seldom Python looks for cycles of objects: left alone, that takes a fifth of the time of imports."""

NEARLY_ALL = 0.8
"""Share of the granted address space from which an error that nothing else explains is put down to it."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


class _Refusal(click.ClickException):
    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"Error: {printable(self.message)}", err=True, file=file)


def _wants_memory(error: Exception) -> bool:
    """Python's own compiler raises other errors than `MemoryError` at the limit that `ulimit -v` sets."""
    return lacks_memory(error) or (not isinstance(error, (TopicsError, OSError)) and _reached_its_limit())


def _reached_its_limit() -> bool:
    """Whether this process holds most of the memory that `ulimit -v` grants it."""
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return limit != resource.RLIM_INFINITY and pages * resource.getpagesize() > NEARLY_ALL * limit
    except (ImportError, OSError):
        # Another system than Linux.
        return False


def _is_of_printing(error: BaseException) -> bool:
    """Whether it is standard output that takes no more, and not a file."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return frames[-1].f_code is click.echo.__code__


class _Commands(click.Group):
    """A group that turns this package's errors, and the disk's, into click's."""

    def main(self, *arguments: Any, **settings: Any) -> Any:
        """A terminal or disk that takes no more of what is printed is told in one sentence, too."""
        try:
            try:
                return super().main(*arguments, **settings)
            finally:
                # Python says "Exception ignored" about what it finds unwritten at the very end.
                if sys.stdout is not None:
                    sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            with contextlib.suppress(OSError):
                sys.stderr.write(f"Error: what is printed cannot be written ({error.strerror or error})\n")
            # Nothing more is written, so that the exit code stays.
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(_Refusal.exit_code)

    def invoke(self, ctx: click.Context) -> Any:
        # At the end Python would look for cycles among all that was ever imported, for most of a second.
        atexit.register(gc.freeze)
        threshold = gc.get_threshold()
        gc.set_threshold(*SELDOM)
        try:
            return super().invoke(ctx)
        except TopicsError as error:
            raise _Refusal(str(error)) from None
        except (BrokenPipeError, click.ClickException, click.exceptions.Exit, click.Abort):
            # Whoever reads a broken pipe has seen enough of it; click ends all of these itself.
            raise
        except Exception as error:
            if _wants_memory(error):
                raise _Refusal(
                    "There is not enough memory for this; finished stages are kept: run the same command "
                    "again with more memory, or with fewer papers"
                ) from None
            if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
                raise _Refusal(
                    "The system grants too few open files for this; finished stages are kept: run the same "
                    "command again after `ulimit -n 1024`"
                ) from None
            if isinstance(error, OSError) and _is_of_printing(error):
                raise
            if not isinstance(error, OSError) or (error.filename is None and error.errno is None):
                raise
            raise _Refusal(f"{error.filename or 'the disk'}: {error.strerror}; nothing was written") from None
        except KeyboardInterrupt:
            click.echo("\nStopped. Run the same command again to go on from here.", err=True)
            ctx.exit(INTERRUPTED)
        finally:
            gc.set_threshold(*threshold)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="topics")
def main() -> None:
    """Turn research-paper abstracts into named topics, labelled papers and maps.

    \b
    Start with your own papers:    topics run papers.csv
    Or with a config:              topics init my.yaml, then topics run my.yaml
    """  # noqa: D301


for command in (
    run.run,
    check.check,
    show.show,
    maps.draw,
    report.report,
    label.label,
    trends.trends,
    compare.compare,
    saturation.saturation,
    edit.edit,
    evaluate.evaluate,
    validate.validate,
    update.update,
    init.init,
    cache.cache,
):
    main.add_command(limits.limited(command))
