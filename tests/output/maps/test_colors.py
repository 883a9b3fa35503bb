"""Colours: within sRGB, apart for all eyes where topics meet, alike where topics are alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.output.maps import colors
from topics.output.maps.paint import FAINT, PAPER, QUIET, TEXT

THEMES = ("light", "dark")
unit = st.floats(0, 1)


def contrast(one, other):
    """Ratio by WCAG 2."""

    def luminance(rgb):
        value = np.asarray(rgb, dtype=float)
        linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
        return linear @ np.array([0.2126, 0.7152, 0.0722])

    bright, dim = np.maximum(luminance(one), luminance(other)), np.minimum(luminance(one), luminance(other))
    return (bright + 0.05) / (dim + 0.05)


@given(unit, st.floats(0, 0.4), st.floats(-720, 720))
def test_every_colour_exists_and_keeps_its_lightness(lightness, chroma, hue):
    rgb = colors.oklch_to_rgb(lightness, chroma, hue)
    assert rgb.shape == (3,)
    assert ((rgb >= 0) & (rgb <= 1)).all()
    assert colors.oklab(rgb)[0] == pytest.approx(lightness, abs=0.01)


def test_known_colours():
    assert colors.oklab([1, 1, 1]) == pytest.approx([1, 0, 0], abs=1e-4)
    assert colors.oklab([1, 0, 0]) == pytest.approx([0.628, 0.2249, 0.1258], abs=1e-3)
    assert colors.to_hex([1, 0.5, 0]) == "#ff8000"


def test_red_and_green_meet_without_green_cones():
    red, green = colors.oklch_to_rgb(0.65, 0.13, 25), colors.oklch_to_rgb(0.65, 0.13, 130)

    def apart(vision):
        return np.linalg.norm(colors.oklab(red, vision) - colors.oklab(green, vision))

    assert apart("deuteranopia") < 0.5 * apart("normal")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("count", [2, 3, 5, 8, 12])
def test_neighbours_stay_apart_for_all_eyes(count, theme):
    for seed in range(5):
        places = np.random.default_rng(seed).normal(size=(count, 2))
        rgb = colors.topic_colors(*colors.topic_styles(places), theme)
        gaps = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(count) * 9
        nearest = gaps.argmin(axis=1)
        for vision in colors.VISIONS:
            lab = colors.oklab(rgb, vision)
            assert np.linalg.norm(lab - lab[nearest], axis=1).min() > 0.06


def test_hues_follow_the_place_on_the_map():
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    hues, _ = colors.topic_styles(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    turn = np.deg2rad(hues)
    near = np.cos(turn - np.roll(turn, 1)).mean()
    far = np.cos(turn - np.roll(turn, 12)).mean()
    assert near > 0.7
    assert far < -0.5


@pytest.mark.parametrize("count", [0, 1])
def test_few_topics(count):
    hues, steps = colors.topic_styles(np.zeros((count, 2)))
    assert len(hues) == len(steps) == count


def test_topics_in_one_place_still_differ():
    rgb = colors.topic_colors(*colors.topic_styles(np.zeros((6, 2))), "light")
    assert len(np.unique(colors.to_bytes(rgb), axis=0)) == 6


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme):
    paper = np.array(PAPER[theme]) / 255
    inks = colors.label_colors(np.arange(360.0), theme)
    assert contrast(inks, paper).min() >= 4.5
    for text in (TEXT, FAINT):
        assert contrast(np.array(text[theme]) / 255, paper) >= 4.5
    dots = colors.topic_colors(np.repeat(np.arange(360.0), 3), np.tile([0, 1, 2], 360), theme)
    assert contrast(dots, paper).min() > contrast(np.array(QUIET[theme]) / 255, paper) * 0.7


@pytest.mark.parametrize("theme", THEMES)
def test_a_ramp_rises_for_all_eyes(theme):
    steps = colors.ramp(np.linspace(0, 1, 20), theme)
    for vision in colors.VISIONS:
        lightness = colors.oklab(steps, vision)[:, 0]
        change = np.diff(lightness) if theme == "dark" else -np.diff(lightness)
        assert change.min() > 0


def test_categories_differ():
    assert len(np.unique(colors.to_bytes(colors.categories(14, "light")), axis=0)) == 14
