"""What the maps of 50, 2,000, 100,000 and 200,000 papers cost: seconds, bytes, frames per second.

    python benchmarks/maps.py [--sizes 50 2000 100000 200000] [--no-browser]

Papers are invented: texts of usual length and frequencies of words, heaps of places with outliers, layers.
Seconds are the wall clock of one process, to be taken on an idle machine; imports are printed first. Frames
are counted in Chromium without a screen while the map of all papers is dragged for three seconds, once with
the painter for machines without graphics and once with WebGL, which is emulated there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


def invented(n: int):
    """Corpus, clustering, topics, layout, layers and trust of n invented papers."""
    from tests.invented import grouped, layers_of, papers_of, topics_of, trust_of

    rng = np.random.default_rng(0)
    letters = np.array(list("aaabcdeeeefghiiijklmnooopqrrsstttuuvwxyz"))
    words = np.array(
        ["".join(letters[rng.integers(len(letters), size=k)]) for k in rng.integers(2, 13, 20_000)]
    )
    # Words as frequent as in a language, so that the page's texts are packed as well as real ones.
    shares = 1 / (np.arange(len(words)) + 3)
    drawn = iter(rng.choice(words, 200 * n + 10_000, p=shares / shares.sum()).tolist())

    def text(length: int) -> str:
        return " ".join(next(drawn) for _ in range(length))

    rows = [
        {
            "title": text(11).capitalize(),
            "abstract": f"{text(160).capitalize()}.",
            "authors": [f"{text(1).title()} {text(1).title()}" for _ in range(4)],
            "keywords": [text(2) for _ in range(3)],
            "original": "{}",
        }
        for _ in range(n)
    ]
    count = int(np.clip(round(n**0.5 / 1.6), 5, 280))
    layout, clustering = grouped(n, count)
    topics = topics_of(clustering, [f"{text(1)} {text(1)} {k}" for k in range(count)])
    layers = layers_of(clustering, topics, layout, max(2, round(count**0.5)))
    return papers_of(rows), clustering, topics, layout, layers, trust_of(clustering)


def measure(n: int, folder: Path) -> Path:
    from topics.config import MapSettings
    from topics.output.maps.interactive import write_interactive
    from topics.output.maps.static import draw_static
    from topics.output.maps.view import build_view

    corpus, clustering, topics, layout, layers, trust = invented(n)
    begin = time.perf_counter()
    view = build_view(corpus, clustering, topics, layout, MapSettings(), layers, trust)
    deciding = time.perf_counter() - begin
    row(n, f"deciding what is shown ({len(topics)} topics)", deciding)
    for kind in ("png", "svg", "pdf"):
        begin = time.perf_counter()
        draw_static(view, folder / f"{n}.{kind}")
        seconds = time.perf_counter() - begin
        row(n, f"map.{kind}, with deciding", deciding + seconds, folder / f"{n}.{kind}")
    page = folder / f"{n}.html"
    begin = time.perf_counter()
    write_interactive(view, corpus, topics, page, layers, trust)
    row(n, "map.html, with deciding", deciding + time.perf_counter() - begin, page)
    return page


def row(n: int, what: str, seconds: float, file: Path | None = None) -> None:
    size = f"{file.stat().st_size / 1e6:8.2f} MB" if file else " " * 11
    print(f"{n:>8,}  {what:<42} {seconds:7.2f} s {size}", flush=True)


COUNT = """async () => {
    let frames = 0;
    let going = true;
    const step = () => { frames++; if (going) requestAnimationFrame(step); };
    requestAnimationFrame(step);
    const map = document.getElementById("map");
    const at = (type, x, y) => map.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, pointerType: "mouse", button: 0, buttons: 1, clientX: x, clientY: y, bubbles: true }));
    map.setPointerCapture = () => {};
    at("pointerdown", 700, 400);
    const begin = performance.now();
    for (let k = 0; performance.now() - begin < 3000; k++) {
        at("pointermove", 700 + 120 * Math.sin(k / 9), 400 + 80 * Math.cos(k / 7));
        await new Promise((done) => requestAnimationFrame(done));
    }
    going = false;
    at("pointerup", 700, 400);
    return (1000 * frames) / (performance.now() - begin);
}"""


def frames(pages: dict[int, Path]) -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser import CHROMIUM

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for n, path in pages.items():
            for address in ("", "#webgl"):
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                begin = time.perf_counter()
                page.goto(path.as_uri() + address)
                page.wait_for_selector("#map[data-ready]", state="attached", timeout=120_000)
                opening = time.perf_counter() - begin
                rate = page.evaluate(COUNT)
                painter = page.get_attribute("#dots", "data-painter")
                print(f"{n:>8,}  opened in {opening:5.1f} s, dragged at {rate:5.1f} frames/s ({painter})")
                page.close()
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=[50, 2_000, 100_000, 200_000])
    parser.add_argument("--no-browser", action="store_true", help="leave the frames out")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the files there")
    chosen = parser.parse_args()
    begin = time.perf_counter()
    import matplotlib.figure  # noqa: F401
    import pyarrow as pa  # noqa: F401

    print(f"imports {time.perf_counter() - begin:.1f} s")
    with tempfile.TemporaryDirectory() as temporary:
        folder = (chosen.keep or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        pages = {n: measure(n, folder) for n in chosen.sizes}
        if not chosen.no_browser:
            frames(pages)


if __name__ == "__main__":
    main()
