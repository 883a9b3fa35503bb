"""The printed map: the same bytes, the right size, and a picture that stays as it was."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.invented import layers_of
from topics.config import MapSettings
from topics.errors import ConfigError
from topics.output.maps import fonts
from topics.output.maps.fonts import FONT, without_font
from topics.output.maps.printing import DPI
from topics.output.maps.static import draw_static, words_of
from topics.output.maps.view import build_view

BASELINES = Path(__file__).parents[2] / "data" / "maps"
# Mean difference of what is drawn, of 255, that fonts and rasterisers of other versions may make.
TOLERANCE = 1.0


def picture(path, width=240):
    from PIL import Image

    image = Image.open(path).convert("RGB")
    size = (width, round(width * image.height / image.width))
    return np.asarray(image.resize(size, Image.Resampling.BOX), dtype=float)


def difference(one, other):
    if abs(one.shape[0] - other.shape[0]) > 1:
        return 255.0
    rows = min(one.shape[0], other.shape[0])
    one, other = one[:rows], other[:rows]
    drawn = (np.abs(one - one[0, 0]).max(axis=2) > 3) | (np.abs(other - other[0, 0]).max(axis=2) > 3)
    return float(np.abs(one - other)[drawn].mean())


LOOKS = {
    "light": {"theme": "light"},
    "dark": {"theme": "dark"},
    "category": {"color": "category"},
    "date": {"color": "date", "theme": "dark"},
}


@pytest.mark.parametrize("name", LOOKS)
def test_maps_look_as_they_did(make_run, tmp_path, name):
    """To accept a new look: draw these settings into tests/data/maps and look at the pictures."""
    view = build_view(*make_run(n=120, count=8), MapSettings(width_mm=60, title="Baseline", **LOOKS[name]))
    draw_static(view, tmp_path / "map.png")
    assert difference(picture(tmp_path / "map.png"), picture(BASELINES / f"{name}.png")) < TOLERANCE


def test_fields_look_as_they_did(make_run, tmp_path):
    run = make_run(n=240, count=16)
    settings = MapSettings(width_mm=60, title="Baseline")
    draw_static(build_view(*run, settings, layers_of(*run[1:])), tmp_path / "map.png")
    draw_static(build_view(*run, settings), tmp_path / "bare.png")
    assert difference(picture(tmp_path / "map.png"), picture(BASELINES / "fields.png")) < TOLERANCE
    assert difference(picture(tmp_path / "bare.png"), picture(BASELINES / "fields.png")) > TOLERANCE


def test_the_tolerance_sees_a_missing_label_and_a_moved_dot(make_run, tmp_path):
    import dataclasses

    view = build_view(*make_run(n=120, count=8), MapSettings(width_mm=60, title="Baseline"))
    baseline = picture(BASELINES / "light.png")
    for name, changed in {
        "names": dataclasses.replace(view, labels=()),
        "places": dataclasses.replace(view, positions=view.positions[::-1] + 3),
        "colours": dataclasses.replace(view, fills=255 - view.fills),
    }.items():
        draw_static(changed, tmp_path / f"{name}.png")
        assert difference(picture(tmp_path / f"{name}.png"), baseline) > TOLERANCE, name


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_map_gives_the_same_bytes(make_run, tmp_path, kind):
    written = []
    for name in ("one", "two"):
        view = build_view(*make_run(), MapSettings(width_mm=60))
        draw_static(view, tmp_path / f"{name}.{kind}")
        written.append((tmp_path / f"{name}.{kind}").read_bytes())
    assert written[0] == written[1]
    assert not re.search(rb"20\d\d-\d\d-\d\dT|/CreationDate|Matplotlib v", written[0])


def test_a_png_has_the_width_that_was_asked_for(make_run, tmp_path):
    from PIL import Image

    view = build_view(*make_run(), MapSettings(width_mm=85))
    draw_static(view, tmp_path / "map.png")
    image = Image.open(tmp_path / "map.png")
    assert image.width == pytest.approx(85 / 25.4 * DPI, abs=1)
    assert image.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)


def test_an_svg_of_few_papers_is_vector_and_of_many_is_light(make_run, tmp_path):
    for n, name in ((60, "few"), (6000, "many")):
        draw_static(build_view(*make_run(n=n, count=6), MapSettings(width_mm=60)), tmp_path / f"{name}.svg")
    few, many = ((tmp_path / f"{name}.svg").read_text() for name in ("few", "many"))
    assert few.count("<use") > 60
    assert many.count("<use") < 1500
    assert 'href="http' not in few


def test_names_are_text_in_a_pdf(make_run, tmp_path):
    draw_static(build_view(*make_run(), MapSettings(width_mm=60)), tmp_path / "map.pdf")
    data = (tmp_path / "map.pdf").read_bytes()
    assert b"/FontName" in data
    assert b"DejaVuSans" in data


def test_dollars_and_markup_are_letters(make_run, tmp_path):
    labels = ("$x_{1$ <b>&", "\\frac", "50% $", "a_b^c", "#", "{}")
    view = build_view(*make_run(labels=labels), MapSettings(width_mm=60, title="$\\nosuch$"))
    for kind in ("png", "svg", "pdf"):
        draw_static(view, tmp_path / f"map.{kind}")


def test_the_callers_style_does_not_matter(make_run, tmp_path):
    import matplotlib as mpl

    view = build_view(*make_run(), MapSettings(width_mm=60))
    draw_static(view, tmp_path / "plain.png")
    with mpl.rc_context(
        {"font.size": 40, "axes.facecolor": "red", "lines.linewidth": 9, "savefig.pad_inches": 3}
    ):
        draw_static(view, tmp_path / "odd.png")
        assert mpl.rcParams["font.size"] == 40
    assert (tmp_path / "plain.png").read_bytes() == (tmp_path / "odd.png").read_bytes()


def test_letters_without_a_font_warn_nobody_and_are_named(make_run, tmp_path):
    # A private-use letter that no font draws.
    labels = ("\U00010abc\U00010abd name", "b", "c", "d", "e", "f")
    view = build_view(*make_run(labels=labels), MapSettings(width_mm=60))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_static(view, tmp_path / "map.png")
    assert without_font(words_of(view)).startswith("no font here has the letters of private use, so pictures")
    assert without_font(["Moss, Möös and мох"]) == ""


def test_an_installed_font_lends_what_is_missing(monkeypatch):
    """The usual one before another that has the letter, too."""
    letters = {FONT: "ab", "Aardvark": "क", "Noto Sans": "क", "Zebra": "水"}
    monkeypatch.setattr(fonts, "_files", lambda: dict.fromkeys(letters, ""))
    monkeypatch.setattr(fonts, "_letters", lambda name: frozenset(map(ord, letters[name])))
    fonts._lender.cache_clear()
    try:
        assert fonts.families("ab") == (FONT,)
        assert fonts.families("ab क水") == (FONT, "Noto Sans", "Zebra")
        said = fonts.without_font(["한", "ক", "क"])
        assert said.startswith("no font here has the letters of Bengali and Hangul, so pictures show boxes")
    finally:
        fonts._lender.cache_clear()


def test_other_kinds_of_file_are_refused(make_run, tmp_path):
    view = build_view(*make_run(), MapSettings(width_mm=60))
    with pytest.raises(ConfigError, match=r"map\.gif: end its name in \.png, \.svg or \.pdf"):
        draw_static(view, tmp_path / "map.gif")
    assert list(tmp_path.iterdir()) == []
