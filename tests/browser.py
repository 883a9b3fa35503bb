"""A Chromium without network to look at pages, and what it complained about."""

import os
import shutil
from importlib.util import find_spec

import pytest

CHROMIUM = os.environ.get("TOPICS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

# What the page writes onto its canvases, so that a test can read the names on a map.
LISTEN = r"""
    window.written = [];
    const write = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        const size = parseFloat(this.font.match(/[\d.]+px/)[0]);
        window.written.push([text, this.globalAlpha, ...rest, this.measureText(text).width, size]);
        return write.call(this, text, ...rest);
    };
"""


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "browser: opens a page in Chromium (Debian's package `chromium`, or the program that "
        "TOPICS_CHROMIUM names); deselected where that or playwright is missing, but a failure under CI",
    )


def pytest_collection_modifyitems(config, items):
    if os.environ.get("CI") or (CHROMIUM and find_spec("playwright")):
        return
    away = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if item not in away]
    config.hook.pytest_deselected(items=away)


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        pytest.fail(
            "Chromium is missing: install Debian's package `chromium`, or name one in TOPICS_CHROMIUM"
        )
    if not find_spec("playwright"):
        pytest.fail("the package playwright is missing: install the development requirements")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic"]
        )
        yield browser
        browser.close()


class Visit:
    """An opened map: `page`, and what it asked of the network or complained about."""

    def __init__(self, context, path, address="", ready="#map[data-ready]"):
        self.requests, self.complaints = [], []
        context.route("**/*", self._answer)
        context.add_init_script(LISTEN)
        self.page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.page.goto(path.as_uri() + address)
        self.page.wait_for_selector(ready, state="attached")

    def _answer(self, route):
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            self.requests.append(route.request.url)
            route.fulfill(body="elsewhere")

    def _hear(self, message):
        # The emulated graphics of a machine without a screen complain about being slow.
        if message.type in {"error", "warning"} and "GL Driver Message" not in message.text:
            self.complaints.append(message.text)

    def text(self, selector):
        return self.page.locator(selector).inner_text()

    def names(self):
        """What stands on the map after it is drawn once more, with how opaque it is."""
        return {text: alpha for text, alpha, *_ in self._written()}

    def boxes(self):
        """The same with the box of each line: left, top, right, bottom in pixels."""
        return [
            (text, (x - width / 2, y - size / 2, x + width / 2, y + size / 2))
            for text, _, x, y, width, size in self._written()
        ]

    def _written(self):
        self.page.evaluate("window.written.length = 0; dispatchEvent(new Event('resize'))")
        self.page.wait_for_timeout(150)
        return self.page.evaluate("window.written")

    def find(self, title):
        """Search for a title and choose the first paper found; returns the middle of its ring."""
        self.page.fill("#search", f'"{title}"')
        self.page.locator("#results button").first.click()
        return self.ring()

    def lasso(self, corners):
        """Draw around papers: corners in pixels."""
        self.page.keyboard.press("l")
        self.page.mouse.move(*corners[0])
        self.page.mouse.down()
        for corner in corners[1:]:
            self.page.mouse.move(*corner, steps=4)
        self.page.mouse.up()

    def lasso_all(self):
        size = self.page.viewport_size
        right, bottom = size["width"] - 5, size["height"] - 5
        self.lasso([(330, 5), (right, 5), (right, bottom), (330, bottom)])

    def ring(self):
        self.page.wait_for_timeout(400)
        box = self.page.locator("#ring").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def blocked(self, more):
        """What the page's security policy stops: a script, a request, a picture, and more.

        more: JavaScript that tries what this page must stop beside them; it may push words to `found`.
        """
        found, ran = self.page.evaluate(
            """async () => {
                const found = [];
                const note = (event) => found.push(event.effectiveDirective);
                document.addEventListener("securitypolicyviolation", note);
                const script = document.createElement("script");
                try { script.textContent = "window.hacked = 1"; } catch { found.push("typed"); }
                document.body.append(script);
                MORE
                await fetch("https://evil.example/").catch(() => 0);
                document.body.append(Object.assign(new Image(), { src: "https://evil.example/x.png" }));
                await new Promise((done) => setTimeout(done, 200));
                return [found, window.hacked];
            }""".replace("MORE", more)
        )
        assert ran is None
        assert self.requests == []
        self.complaints.clear()
        return set(found)

    def clear(self):
        """The first Escape closes the paper, the second clears the filters."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")
        self.page.wait_for_timeout(50)


@pytest.fixture
def visit(chromium):
    """Open a page; at the end nothing may have been complained about."""
    visits, contexts = [], []

    def open_(path, address="", ready="#map[data-ready]", **context):
        contexts.append(chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **context}))
        visits.append(Visit(contexts[-1], path, address, ready))
        return visits[-1]

    yield open_
    complaints = [complaint for visited in visits for complaint in visited.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
