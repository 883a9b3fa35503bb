"""Maps and reports of a finished run, made anew."""

import hashlib

import pytest

from tests.conftest import run_cli, summary_of
from topics.runs.run import open_run


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


STARTS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "html": b"<!doctype html>"}


@pytest.mark.parametrize("kind", STARTS)
def test_the_suffix_says_how_it_is_drawn(seed_run, tmp_path, kind):
    target = tmp_path / f"figure.{kind.upper()}"
    done = run_cli("map", seed_run, "-o", target)
    assert done.output.strip() == str(target)
    assert target.read_bytes().startswith(STARTS[kind])
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_without_wishes_it_is_the_runs_own_map(seed_run, tmp_path):
    for name in ("map.png", "map.svg", "map.html"):
        run_cli("map", seed_run, "-o", tmp_path / name)
        assert digest(tmp_path / name) == digest(seed_run / name), name


def test_files_of_the_run_itself_are_not_overwritten(copy):
    done = run_cli("map", copy, "-o", copy / "map.html", "--theme", "dark", expect=2)
    assert "map.html is a file of the run itself" in done.output
    run_cli("map", copy, "-o", copy / "dark.html", "--theme", "dark")
    run_cli("report", copy)


@pytest.mark.parametrize(("width", "mm"), [("180mm", 180), ("8.5 cm", 85), ("4in", 101.6), ("90", 90)])
def test_the_width_is_in_any_of_the_usual_units(seed_run, tmp_path, width, mm):
    from PIL import Image

    run_cli("map", seed_run, "-o", tmp_path / "map.png", "--width", width, "--theme", "dark")
    image = Image.open(tmp_path / "map.png")
    assert image.width == pytest.approx(mm / 25.4 * 300, abs=1)
    assert max(image.convert("RGB").getpixel((3, 3))) < 60


def test_colours_and_title_are_as_asked(seed_run, tmp_path):
    drawn = {}
    for color in ("topic", "date", "probability", "position", "authors"):
        target = tmp_path / f"{color}.svg"
        run_cli("map", seed_run, "-o", target, "--color", color, "--title", "A title of my own")
        drawn[color] = digest(target)
        assert "A title of my own" in target.read_text(encoding="utf-8")
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-o", "map.gif"), r"map.gif: end its name in .png, .svg, .pdf or .html"),
        (("-o", "map.png", "--color", "colour of money"), 'map.color "colour of money" is neither'),
        (("-o", "map.png", "--width", "wide"), "write it as 180mm, 18cm or 7in"),
        (("-o", "map.png", "--width", "5cm"), "map.width_mm is 50.0, but must be"),
        (("-o", "map.html", "--color", "money"), 'map.color "money" is neither'),
        (("-o", "."), "end its name in"),
    ],
)
def test_what_cannot_be_drawn_leaves_nothing_behind(seed_run, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    done = run_cli("map", seed_run, *arguments, expect=2)
    assert says in " ".join(done.output.split())
    assert list(tmp_path.iterdir()) == []


def test_a_map_that_is_there_stays_when_drawing_fails(seed_run, tmp_path, monkeypatch):
    from topics.output import map_files

    target = tmp_path / "map.png"
    target.write_text("mine")

    def fail(view, path):
        path.write_text("half")
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(map_files, "draw_static", fail)
    run_cli("map", seed_run, "-o", target, expect=2)
    assert target.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [target]


def test_the_report_is_written_again_to_the_byte(copy):
    before = (copy / "report.html").read_bytes()
    files = summary_of(copy)["files"]
    (copy / "report.html").unlink()
    run_cli("report", copy)
    assert (copy / "report.html").read_bytes() == before
    assert summary_of(copy)["files"] == files
    open_run(copy).check()


def test_a_report_elsewhere_finds_the_map_and_leaves_the_run_alone(copy, tmp_path):
    before = digest(copy / "run.json")
    run_cli("report", copy, "-o", tmp_path / "send me" / "page.html")
    assert 'href="../seed/map.html"' in (tmp_path / "send me" / "page.html").read_text(encoding="utf-8")
    assert digest(copy / "run.json") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seed", "send me"]


def test_a_new_form_of_the_report_is_entered_in_run_json(copy, monkeypatch):
    from topics.output import report as page

    monkeypatch.setattr(page, "write_page", lambda told, path: path.write_text("new"))
    run_cli("report", copy)
    assert (copy / "report.html").read_text() == "new"
    open_run(copy).check()


def test_open_shows_it_in_the_browser(seed_run, tmp_path, monkeypatch):
    import webbrowser

    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    run_cli("report", seed_run, "-o", tmp_path / "r.html")
    assert opened == []
    done = run_cli("report", seed_run, "-o", tmp_path / "r.html", "--open")
    assert opened == [(tmp_path / "r.html").as_uri()]
    assert "No browser was found" in done.output


def test_a_map_that_was_changed_is_not_put_into_a_report(copy):
    (copy / "map.svg").write_text("<svg/>")
    done = run_cli("report", copy, expect=2)
    assert "map.svg was changed" in " ".join(done.output.split())


def test_the_report_of_an_edited_run_tells_the_edits_and_the_same_inputs(copy, tmp_path):
    edits = tmp_path / "edits.yaml"
    edits.write_text("edits: [{rename: {topic: 0, to: My <own> name}}]", encoding="utf-8")
    run_cli("edit", copy, edits, "-o", tmp_path / "edited", "-q")
    page = (tmp_path / "edited" / "report.html").read_text(encoding="utf-8")
    assert "My &lt;own&gt; name" in page
    first = summary_of(copy)
    for digest_ in first["inputs"].values():
        assert digest_ in page
    for name in first["versions"]:
        assert name in page
    run_cli("report", tmp_path / "edited")
    assert (tmp_path / "edited" / "report.html").read_text(encoding="utf-8") == page
