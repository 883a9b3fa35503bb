"""A server with OpenAI's interface on this machine, which answers what a test says."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-test-0123456789abcdef"


@dataclass
class Reply:
    """What goes back: a text as the model's answer, or a body as it is. cut: bytes that are held back."""

    text: object = ""
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes | None = None
    cut: int = 0


class Model:
    """Use it as a context. seen: what was asked, as (path, headers, body).

    answer: from the body of a request and the number of requests before it to a `Reply` or a text; None
        closes the connection.
    """

    def __init__(self, answer):
        self.seen, self.answer, model = [], answer, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.seen.append((self.path, dict(self.headers), body))
                reply = model.answer(body, len(model.seen) - 1)
                if reply is None:
                    return
                reply = reply if isinstance(reply, Reply) else Reply(reply)
                content = reply.body
                if content is None:
                    content = json.dumps({"choices": [{"message": {"content": reply.text}}]}).encode()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) - reply.cut])

            def do_GET(self):
                model.seen.append((self.path, dict(self.headers), None))
                self.send_error(404)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def settings(self):
        """What a command line says to ask this model."""
        return asking(self.url)


def asking(url):
    """What a command line says to ask the model at an address."""
    return ("--set", f"label.llm.url={url}", "--set", "label.llm.model=small-1")


def about(body):
    """What a request says about its topic."""
    return json.loads(body["messages"][1]["content"])
