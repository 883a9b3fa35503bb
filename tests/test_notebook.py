"""What a notebook shows: in a real kernel, and in a browser."""

from __future__ import annotations

import base64
import json
import random
import re
import shutil
from importlib import resources

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT, SEED
from topics import load

HOST = """<!doctype html><meta charset="utf-8"><title>notebook</title>
{cells}
<div id="widget"></div>
<script type="module">
const {{ default: widget }} = await import("data:text/javascript;base64,{code}");
const traits = {traits};
window.sent = [];
const model = {{
  get: (name) => traits[name],
  set: (name, value) => window.sent.push([name, value]),
  save_changes: () => (window.saved = true),
}};
widget.render({{ model, el: document.getElementById("widget") }});
</script>"""


@pytest.mark.browser
def test_map_report_and_widget_live_in_a_frame_of_their_own(quick_run, visit, tmp_path):
    run = load(quick_run)
    widget = run.widget(height=500)
    traits = {"page": widget.page, "height": widget.height}
    code = (resources.files("topics.api") / "widget.js").read_bytes()
    page = HOST.format(
        cells=run.map()._repr_html_() + run.report()._repr_html_(),
        code=base64.b64encode(code).decode(),
        traits=json.dumps(traits),
    )
    (tmp_path / "notebook.html").write_text(page, encoding="utf-8")
    visited = visit(tmp_path / "notebook.html", ready="#widget iframe")
    drawn, report, chosen = visited.page.main_frame.child_frames
    for frame in (drawn, chosen):
        frame.wait_for_selector("#map[data-ready]", state="attached")
    for frame in (drawn, report, chosen):
        assert frame.evaluate("origin") == "null"
        assert (
            frame.evaluate("() => { try { return parent.document.title } catch { return 'closed' } }")
            == "closed"
        )
    allowed = visited.page.locator("iframe").evaluate_all("frames => frames.map((one) => one.sandbox.value)")
    assert len(set(allowed)) == 1
    assert "allow-same-origin" not in allowed[0]
    # Links inside the report stay there.
    assert report.locator("a", has_text="Explore the map").count() == 0
    report.click("nav a[href='#topics']")
    assert report.evaluate("location.hash") == "#topics"
    assert "50" in report.locator("body").inner_text()
    chosen.locator("#topics button, #topics li").first.click()
    visited.page.wait_for_function("window.sent.at(-1)?.[1]")
    name, rows = visited.page.evaluate("window.sent.at(-1)")
    assert name == "chosen"
    widget.chosen = rows
    assert set(widget.selected["topic"]) == {0}
    assert len(widget.selected) == run.topics["size"][0]
    chosen.click("#edit")
    chosen.get_by_role("button", name=f"Change {run.topics['label'][0]}", exact=True).click()
    chosen.fill("#bench-name", "Renamed here")
    chosen.click("#bench-rename")
    visited.page.wait_for_function("window.sent.some(([name, value]) => name === 'edited' && value)")
    assert widget.edits == []
    widget.edited = visited.page.evaluate("Object.fromEntries(window.sent).edited")
    assert widget.edits == [{"rename": {"topic": 0, "to": "Renamed here"}}]
    assert run.edit(widget.edits, quiet=True).topics["label"][0] == "Renamed here"
    assert visited.requests == []


def executed(*sources):
    """A real kernel after these cells; give it more cells, or what a widget's page sends."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    return NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": ROOT}}
    )


def outputs(cell, kind):
    return [output["data"].get(kind, "") for output in cell.outputs if "data" in output]


def test_a_kernel_shows_progress_a_run_and_what_a_widget_chooses(tmp_path):
    client = executed(
        f"from topics import fit\nrun = fit({str(SEED)!r}, encoder='lsa', output={str(tmp_path / 'run')!r})",
        "run",
        "w = run.widget()\nw",
        "w.selected.index.tolist()",
        "fit('nowhere.csv')",
    )
    fitted, shown, widget, chosen, wrong = client.nb.cells
    with client.setup_kernel():
        for place, cell in enumerate(client.nb.cells[:3]):
            client.execute_cell(cell, place)
        view = outputs(widget, "application/vnd.jupyter.widget-view+json")[0]
        state = {"method": "update", "state": {"chosen": [3, 7, 99]}, "buffer_paths": []}
        message = client.kc.session.msg("comm_msg", {"comm_id": view["model_id"], "data": state})
        client.kc.shell_channel.send(message)
        client.execute_cell(chosen, 3)
        client.allow_errors = True
        client.execute_cell(wrong, 4)
    # The bar is one output, drawn anew, and ends as the seconds that the fit took.
    assert re.fullmatch(r"\d+\.\d s", outputs(fitted, "text/plain")[0])
    assert len(outputs(fitted, "text/plain")) == 1
    notes = "".join(output["text"] for output in fitted.outputs if output.output_type == "stream")
    assert all(line.startswith("Note: ") for line in notes.splitlines())
    assert outputs(shown, "text/plain")[0].startswith("50 papers, ")
    assert outputs(shown, "text/html")[0].count("<tr>") == len(load(tmp_path / "run").topics) + 1
    assert outputs(chosen, "text/plain") == ["[3, 7]"]
    (error,) = wrong.outputs
    assert (error.ename, error.evalue) == ("InputError", "There is no file nowhere.csv")
    assert len(re.findall(r"\x1b\[[\d;]*mFile |File \x1b|Cell \x1b|, in ", "\n".join(error.traceback))) < 5


def invented(path, number):
    """Papers of eight subjects, each with words of its own, as JSON lines."""
    draw = random.Random(1)
    syllables = [
        first + second for first in "bdfgklmnprstv" for second in ("a", "e", "i", "o", "u", "an", "el")
    ]
    words = ["".join(draw.choices(syllables, k=3)) for _ in range(900)]
    subjects = [draw.sample(words, 60) for _ in range(8)]

    def text(subject, length):
        return " ".join(draw.choices(subject, k=length) + draw.choices(words, k=length // 2))

    with path.open("w", encoding="utf-8") as stream:
        for place in range(number):
            subject = subjects[place % 8]
            date = f"{2010 + draw.randrange(15)}-{1 + draw.randrange(12):02d}"
            paper = {"title": text(subject, 6), "abstract": f"{text(subject, 60)}.", "date": date}
            stream.write(json.dumps(paper) + "\n")


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(ROOT / "docs" / "notebook.ipynb", as_version=4)


def test_the_notebook_of_the_docs_runs(notebook, tmp_path, monkeypatch):
    """With 1,000 invented papers for the 2,000: real ones would be a megabyte in the repository."""
    (tmp_path / "docs").mkdir()
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    invented(tmp_path / "papers.jsonl", 1000)
    monkeypatch.setenv("TOPICS_PAPERS", str(tmp_path / "papers.jsonl"))
    here = {"metadata": {"path": tmp_path / "docs"}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=here).execute()
    shown = [outputs(cell, "text/plain") for cell in notebook.cells if cell.cell_type == "code"]
    assert len(shown) == 10
    assert shown[0][-1].startswith("50 papers, ")
    large = load(tmp_path / "outputs" / "notebook-large")
    assert shown[6][-1].startswith("1,000 papers, ")
    assert len(large.topics) >= 4
    assert len(shown[9][-1].split(",")) > 40


def test_the_notebook_shows_what_it_gave():
    text = (ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8")
    cells = [cell for cell in nbformat.reads(text, 4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, 11))
    assert all(cell.outputs for cell in cells)
    assert all(output.output_type != "error" for cell in cells for output in cell.outputs)
    assert "1,996 papers" in outputs(cells[6], "text/plain")[-1]
    assert not re.search(r"(?<![\w.+/])/(work|root|home|tmp)/", text)
