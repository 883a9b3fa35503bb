"""The folder of a validation: sheets for coders, the key, and answered sheets that come back.

A coder gets `sheet.csv` or `sheet.html` and nothing else; what is right stands in `validation.json` only.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from topics.cache import publish, store, untrusted
from topics.errors import InputError, RunError
from topics.output.pages import filled, policy
from topics.output.tables.csv_file import write_csv
from topics.runs.run import Run
from topics.runs.validate.questions import ASKED, FITS, LETTERS, WHICH, Question
from topics.types import counted

KEY_FILE = "validation.json"
SHEET, PAGE, READ_ME = "sheet.csv", "sheet.html", "README.md"

PERSON, MODEL = "person", "language model"

COLUMNS = (
    "sheet",
    "number",
    "task",
    "question",
    "title",
    "abstract",
    "label",
    *LETTERS,
    "answer",
    "coder",
    "kind",
)

MOST_BYTES = 50_000_000
"""Largest answered sheet."""

CELL = 30_000
"""Signs of a cell that are compared; a spreadsheet's cell ends at 32,767."""

_SIGNS = (",", ";", "\t")


@dataclass(frozen=True)
class Validating:
    """What was asked of a run. sheet: the digest by which answered sheets are known; of: that of the run's
    topics and their papers.
    """

    sheet: str
    of: str
    precision: float
    seed: int
    papers: int
    labels: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Answered:
    """One coder's sheet. answers: the place of the option chosen for each question, by its number."""

    coder: str
    model: bool
    answers: Mapping[int, int]
    sha256: str


def digest_of(run: Run) -> str:
    """sha256 of what questions are about: the topics' labels and the papers' topics."""
    topic = run.clustering.topic.astype("<i4").tobytes()
    return store.bytes_digest("\0".join(run.topics.labels).encode() + topic)


def prepared(run: Run, questions: tuple[Question, ...], precision: float, seed: int) -> Validating:
    """The questions with what identifies them."""
    text = "\0".join("\0".join([q.task, q.title, q.abstract, q.label, *q.options]) for q in questions)
    papers = sum(question.task == WHICH for question in questions)
    own = digest_of(run)
    sheet = store.bytes_digest(f"{own}\0{text}".encode())[:16]
    return Validating(sheet, own, precision, seed, papers, run.topics.labels, questions)


def write(run: Run, found: Validating, target: Path) -> list[Path]:
    """Write sheet, page, instructions and key; gives the paths of what was written.

    A key that is there already stays, since coders may have its sheets: of its own questions only files that
    are gone are written again.

    Raises RunError: `target` holds something else, or the key of other questions.
    """
    publish.check_target(target, KEY_FILE)
    if publish.is_run(target, KEY_FILE):
        kept = _kept(found, target)
        missing = {name: make for name, make in _files(run, kept).items() if not (target / name).exists()}
        for name, make in missing.items():
            with publish.whole_file(target / name) as place:
                make(place)
        return [target / name for name in missing]
    with publish.publish(target, KEY_FILE) as folder:
        for name, make in _files(run, found).items():
            make(folder / name)
        publish.leave_mark(folder, KEY_FILE, run=run.path.name, **asdict(found))
    return [target / name for name in (PAGE, SHEET, READ_ME, KEY_FILE)]


def _files(run: Run, found: Validating) -> dict[str, Callable[[Path], object]]:
    """What stands beside the key, and how it is written."""
    return {
        PAGE: lambda path: write_page(found.sheet, found.questions, path),
        SHEET: lambda path: write_rows(found, path),
        READ_ME: lambda path: path.write_text(_read_me(run, found), encoding="utf-8"),
    }


def _kept(found: Validating, target: Path) -> Validating:
    """The key in a folder. Raises RunError: it is that of other questions than those found."""
    kept = _key(target)
    if kept.sheet == found.sheet:
        return kept
    if kept.of != found.of:
        why = "a run with other topics"
    elif (kept.precision, kept.seed) == (found.precision, found.seed):
        why = "questions that another version wrote"
    else:
        why = f"the questions of precision {kept.precision:g} and seed {kept.seed}"
    raise RunError(
        f"{target} holds the key of {why}, and coders may still have its sheets; name another folder with "
        "-o, or remove this one first"
    )


def write_rows(
    found: Validating,
    path: Path,
    answers: Mapping[int, int] | None = None,
    coder: str = "",
    kind: str = PERSON,
) -> None:
    """A sheet as CSV; answers: places of options by the number of the question."""
    given = answers or {}
    rows = (
        [
            found.sheet,
            question.number,
            *shown(question).values(),
            LETTERS[given[question.number]] if question.number in given else "",
            coder,
            kind,
        ]
        for question in found.questions
    )
    write_csv(path, COLUMNS, rows)


def write_page(sheet: str, questions: Sequence[Question], path: Path) -> None:
    """Write the questions, without the key, as one HTML file to click through; the same questions give the
    same bytes.

    They travel as base64, so that no title can end a script. The page's script writes them with `textContent`
    only, and its policy names that script and one style by their digests.
    """
    content = {
        "sheet": sheet,
        "asked": ASKED,
        "questions": [
            {
                "number": question.number,
                "task": question.task,
                "title": question.title,
                "abstract": question.abstract,
                "label": question.label,
                "options": question.options,
            }
            for question in questions
        ],
    }
    web = resources.files("topics.runs.validate") / "web"
    style, script = ((web / name).read_text(encoding="utf-8") for name in ("sheet.css", "sheet.js"))
    parts = {
        "policy": policy(style, script),
        "style": style,
        "script": script,
        "questions": base64.b64encode(json.dumps(content, ensure_ascii=False).encode()).decode("ascii"),
    }
    page = filled((web / "sheet.html").read_text(encoding="utf-8"), parts)
    path.write_text(page, encoding="utf-8", newline="\n")


def read_key(run: Run, folder: Path) -> Validating:
    """What was asked, from the folder that `write` made.

    Raises RunError: no such folder, a key that was changed, or questions about other topics than the run's.
    """
    if not (folder / KEY_FILE).exists():
        raise RunError(
            f"{folder} holds no {KEY_FILE}; `topics validate {run.path}` writes it, and -o names another "
            "folder"
        )
    found = _key(folder)
    if found.of != digest_of(run):
        raise RunError(
            f"The questions in {folder} are about a run with other topics than {run.path}; name the run that "
            "they were written for"
        )
    return found


def _key(folder: Path) -> Validating:
    from pydantic import TypeAdapter

    content: Any = untrusted.read_json(folder, KEY_FILE)
    with untrusted.damage(folder / KEY_FILE):
        return TypeAdapter(Validating).validate_python(
            {name: content[name] for name in Validating.__dataclass_fields__}
        )


def read_sheets(found: Validating, paths: Sequence[Path]) -> list[Answered]:
    """Answered sheets, as CSV from a spreadsheet or from the page.

    Raises InputError: a file that is no such sheet, is one of other questions or of questions or options that
        were changed, holds an answer that is no option or no answer at all, or two sheets of one coder.
    """
    sheets = [_read(found, path) for path in paths]
    names = [sheet.coder for sheet in sheets]
    for at, name in enumerate(names):
        if name in names[:at]:
            first = paths[names.index(name)]
            raise InputError(
                f"{first} and {paths[at]} are both by {name!r}; write another name into the column coder of "
                "one of them"
            )
    return sheets


def _read(found: Validating, path: Path) -> Answered:
    rows, exact = _rows(path)
    asked = {question.number: question for question in found.questions}
    answers: dict[int, int] = {}
    coder = kind = ""
    for line, row in rows:
        if row["sheet"] != found.sheet:
            raise InputError(
                f"{path}, line {line}: this is a sheet of other questions ({row['sheet'] or 'no number'}, "
                f"not {found.sheet}); give the answers to those in the folder of the key"
            )
        number = int(row["number"]) if row["number"].isdecimal() else 0
        if number not in asked:
            raise InputError(f"{path}, line {line}: there is no question {row['number']!r}")
        _check_unchanged(asked[number], row, exact, f"{path}, line {line}")
        coder = _same(coder, row.get("coder", ""), "coder", path, line)
        kind = _same(kind, row.get("kind", ""), "kind", path, line)
        if kind not in ("", PERSON, MODEL):
            raise InputError(f"{path}, line {line}: kind is {kind!r:.40}; write {PERSON!r} or {MODEL!r}")
        if not row["answer"]:
            continue
        if number in answers:
            raise InputError(f"{path}, line {line}: question {number} is answered twice")
        answers[number] = _option(asked[number], row["answer"], path, line)
    if not answers:
        raise InputError(f"{path} holds no answer; write a letter into the column answer")
    return Answered(coder or path.stem, kind == MODEL, answers, store.file_digest(path))


def _same(before: str, here: str, column: str, path: Path, line: int) -> str:
    if before and here and before != here:
        raise InputError(
            f"{path}, line {line}: {column} is {here!r:.40} here and {before!r:.40} above; a sheet is one "
            "coder's: give each a file"
        )
    return before or here


def _option(question: Question, answer: str, path: Path, line: int) -> int:
    letters = LETTERS[: len(question.options)]
    place = letters.find(answer.strip(" .)").upper()[:2])
    if place < 0 or len(answer.strip(" .)")) != 1:
        raise InputError(
            f"{path}, line {line}: {answer!r:.40} is no answer to question {question.number}; write one of "
            f"{', '.join(letters)}"
        )
    return place


def _check_unchanged(question: Question, row: Mapping[str, str], exact: bool, where: str) -> None:
    """Raises InputError: what the row shows is not what was asked, so its letter means something else."""
    for column, text in shown(question).items():
        name = column.casefold()
        if name in row and _as_read(row[name], exact) != _as_read(text, exact):
            what = f"option {column}" if column in LETTERS else f"the {column}"
            raise InputError(
                f"{where}: {what} of question {question.number} is {row[name]!r:.60} and was {text!r:.60}; "
                f"answers go by letter, so copy the columns before answer from {SHEET} again"
            )


def _as_read(text: str, exact: bool) -> str:
    """exact: as the file has it; otherwise without the letters that a code page may have changed."""
    text = unicodedata.normalize("NFC", " ".join(text.split()).lstrip("'"))[:CELL]
    return text if exact else "".join(sign for sign in text if sign.isascii() and sign.isalnum())


def shown(question: Question) -> dict[str, str]:
    """What a row of the sheet shows of a question, by column."""
    options = (*question.options, *[""] * (len(LETTERS) - len(question.options)))
    return {
        "task": question.task,
        "question": ASKED[question.task],
        "title": question.title,
        "abstract": question.abstract,
        "label": question.label,
        **dict(zip(LETTERS, options, strict=True)),
    }


def _rows(path: Path) -> tuple[list[tuple[int, dict[str, str]]], bool]:
    """The rows of a sheet with their lines, whatever separator a spreadsheet put between cells; and whether
    every letter of theirs is as it was written.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); name an answered sheet") from None
    if len(content) > MOST_BYTES or b"\0" in content or content[:2] == b"PK":
        raise InputError(f"{path} is no CSV file; save the sheet as CSV (UTF-8) and name that")
    exact = True
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes as plain "CSV" in Europe and America.
        text, exact = content.decode("cp1252", "replace"), False
    head = text.partition("\n")[0]
    csv.field_size_limit(MOST_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_SIGNS, key=head.count))
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        missing = [name for name in ("sheet", "number", "answer") if name not in names]
        if missing:
            raise InputError(
                f"{path} has no column {missing[0]}; an answered sheet keeps the columns of {SHEET}"
            )
        lines = [(reader.line_num, [cell.strip().lstrip("'") for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: {error}; save the sheet as CSV again") from None
    blank = dict.fromkeys(("sheet", "number", "answer"), "")
    return [
        (line, blank | dict(zip(names, cells, strict=False))) for line, cells in lines if any(cells)
    ], exact


def _read_me(run: Run, found: Validating) -> str:
    asked = [(task, sum(q.task == task for q in found.questions)) for task in ASKED]
    listed = "\n".join(f"- {ASKED[task]} ({counted(number, 'question')})" for task, number in asked if number)
    return f"""# Check of {run.path.name}

{counted(len(found.questions), "question")}:

{listed}

Give each coder a copy of `{PAGE}` (open it in a browser, click, download the answers) or of `{SHEET}` (write
the letter of the option into the column `answer`, a name into `coder`; save as CSV), and nothing else of this
folder: `{KEY_FILE}` holds what is right. Coders work alone. For "{ASKED[tuple(ASKED)[-1]]}" A is "{FITS[0]}",
B "{FITS[1]}", C "{FITS[2]}". A question may be left open; it is counted as such.

The answers go back with

    topics validate {run.path.name} --score ANNA.csv BEN.csv
"""
