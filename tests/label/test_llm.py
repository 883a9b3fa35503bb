"""Asking a language model: what is sent where, what is kept, and the one sentence for all that goes wrong."""

import contextlib
import datetime
import email.utils
import http.server
import json
import socket
import threading
import time

import pytest

from tests.answering import KEY, Model, Reply
from topics.cache.store import Cache
from topics.config import LlmSettings
from topics.errors import ConfigError, ServerError
from topics.label import llm
from topics.label.llm import Server

QUESTION = [{"role": "user", "content": "?"}]


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """No test waits, and each sees for how long it would have."""
    waited = []
    monkeypatch.setattr(llm.time, "sleep", waited.append)
    return waited


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def server(url, **more):
    return Server.of(LlmSettings(url=url, model="small-1", **more), 42)


def refusal(answer, cache, **more):
    """The error after this answer, and how often was asked."""
    with Model(answer) as model:
        with pytest.raises(ServerError) as caught:
            server(model.url, **more).ask(QUESTION, cache)
        said = str(caught.value)
        assert said.startswith(f"The language model at {model.url} ")
        assert said.endswith("without the section label.llm (--set label.llm=) the same run needs no server.")
        assert KEY not in said
        assert "\n" not in said
        return said, len(model.seen)


def test_a_question_goes_to_the_address_with_the_key_in_its_header(cache):
    with Model(lambda *_: "an answer") as model:
        assert server(f"{model.url}/").ask(QUESTION, cache) == "an answer"
    ((path, headers, body),) = model.seen
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == {
        "model": "small-1",
        "messages": QUESTION,
        "stream": False,
        "temperature": 0,
        "seed": 42,
    }


def test_models_that_refuse_them_get_neither_temperature_nor_seed(cache):
    with Model(lambda *_: "") as model:
        server(model.url, sampling="default").ask(QUESTION, cache)
    assert set(model.seen[0][2]) == {"model", "messages", "stream"}


@pytest.mark.parametrize("more", [{"key_env": None}, {"key_env": "NO_SUCH_KEY"}])
def test_without_a_key_none_is_sent(cache, more):
    with Model(lambda *_: "x") as model:
        server(model.url, **more).ask(QUESTION, cache)
    assert "Authorization" not in model.seen[0][1]


def test_answers_are_kept_by_question_model_address_and_sampling(cache):
    with Model(lambda body, number: f"answer {number}") as model:
        one = server(model.url)
        assert [one.ask(QUESTION, cache) for _ in range(3)] == ["answer 0"] * 3
        assert one.ask([*QUESTION, *QUESTION], cache) == "answer 1"
        assert server(model.url, sampling="default").ask(QUESTION, cache) == "answer 2"
        assert Server.of(LlmSettings(url=model.url, model="b"), 42).ask(QUESTION, cache) == "answer 3"
        assert Server.of(LlmSettings(url=model.url, model="small-1"), 7).ask(QUESTION, cache) == "answer 4"
        assert one.ask(QUESTION, cache, anew=True) == "answer 5"
    assert one.ask(QUESTION, cache) == "answer 5"


def test_a_damaged_answer_is_asked_for_again(cache):
    with Model(lambda body, number: f"answer {number}") as model:
        one = server(model.url)
        one.ask(QUESTION, cache)
        (file,) = cache.root.rglob("answer.json")
        file.write_text('{"answer": "forged"}', encoding="utf-8")
        assert one.ask(QUESTION, cache) == "answer 1"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (None, ""),
        ([{"type": "text", "text": "a "}, {"type": "text", "text": "b"}, {"type": "image"}], "a b"),
        (f"the key is {KEY}", "the key is [key]"),
        (f'{{"label": "{KEY.replace("s", chr(92) + "u0073")}"}}', "[key]"),
        ("a\r\nb \x1b[31m \u202e \ud800", "a\nb \ufffd[31m \ufffd \ufffd"),
    ],
)
def test_texts_are_taken_in_every_form_and_made_harmless(cache, text, answer):
    with Model(lambda *_: text if text is not None else Reply(None)) as model:
        one = server(model.url)
        assert one.ask(QUESTION, cache) == answer
        assert one.ask(QUESTION, cache) == answer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>welcome</html>",
        b"[]",
        b"\xff\xfe",
        b'{"choices": []}',
        b'{"choices": [{"message": "x"}]}',
        b'{"choices": [{"message": {"content": 3}}]}',
        b'{"choices": [{"message": {"content": [{"type": "text"}]}}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_answer_is_said(cache, body):
    said, asked = refusal(lambda *_: Reply(body=body), cache)
    assert "does not answer as a server with OpenAI's interface does" in said
    assert asked == 1
    assert len(said) < 600


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(status=401, body=KEY.encode()), "refuses the key in OPENAI_API_KEY (401). "),
        (
            Reply(status=403, body=b'{"error": {"message": "no such plan"}}'),
            "does not allow this (403: no such plan); may the key use this model?",
        ),
        (
            Reply(status=404, body=b'{"error": {"message": "model \'small-1\' not found"}}'),
            "knows no model 'small-1', or has no such address (404: model 'small-1' not found)",
        ),
        (
            Reply(status=400, body=b'{"error": "temperature does not support 0"}'),
            "does not take the request (400: temperature does not support 0); if it is temperature or seed, "
            "set label.llm.sampling to default",
        ),
        (Reply(status=422, body=f'{{"detail": "bad {KEY}"}}'.encode()), "(422: bad [key])"),
        (Reply(status=413, body=b""), "does not take the request (413: no reason given)"),
        (Reply(status=400, body=b"a" * 5000), f"(400: {'a' * 200}…)"),
        (
            Reply(status=302, headers={"Location": "http://elsewhere.example/v1"}),
            "redirects elsewhere (302), which is not followed; name the final address",
        ),
        (Reply(status=308, headers={"Location": "/v2/chat/completions"}), "redirects elsewhere (308)"),
        (Reply("a" * 1_000_001), "answers with more than 1 MB, which is no label"),
    ],
)
def test_a_refusal_is_one_sentence_at_once(cache, reply, sentence):
    said, asked = refusal(lambda *_: reply, cache)
    assert sentence in said
    assert asked == 1
    assert not list(cache.root.rglob("answer.json"))


def test_a_server_that_wants_a_key_is_said_to(cache):
    said, _ = refusal(lambda *_: Reply(status=401), cache, key_env="MY_KEY")
    assert "refuses to answer without a key (401); put one into the environment variable MY_KEY" in said


def test_a_redirect_is_not_followed_with_the_key(cache):
    with Model(lambda *_: "caught") as other:
        there = f"{other.url.replace('127.0.0.1', 'localhost')}/chat/completions"
        refusal(lambda *_: Reply(status=307, headers={"Location": there}), cache)
    assert other.seen == []


def test_a_busy_server_is_asked_again_when_it_says(cache, waits):
    replies = [Reply(status=429, headers={"Retry-After": "7"}), Reply(status=503), None, "at last"]
    with Model(lambda body, number: replies[number]) as model:
        assert server(model.url).ask(QUESTION, cache) == "at last"
    assert waits == [7.0, 2.0, 4.0]
    assert len(model.seen) == 4


def test_a_moment_to_come_back_is_waited_for(cache, waits):
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=30)
    replies = [
        Reply(status=429, headers={"Retry-After": email.utils.format_datetime(later, usegmt=True)}),
        "x",
    ]
    with Model(lambda body, number: replies[number]) as model:
        server(model.url).ask(QUESTION, cache)
    assert 20 < waits[0] <= 30


@pytest.mark.parametrize(
    "wanted", ["soon", "-5", "", "1e3", "Mon, 99 Foo 2026", f"Mon, 1 Jan 2026 0:0:0 +{9**40}"]
)
def test_a_wait_that_is_none_is_our_own(cache, waits, wanted):
    replies = [Reply(status=429, headers={"Retry-After": wanted}), "x"]
    with Model(lambda body, number: replies[number]) as model:
        server(model.url).ask(QUESTION, cache)
    assert waits == [1.0]


def test_patience_has_an_end(cache, waits):
    said, asked = refusal(
        lambda *_: Reply(status=500, body=b'{"error": {"message": "out of memory"}}'), cache
    )
    assert "answers 500 (out of memory), 4 times in a row; try again later" in said
    assert (asked, waits) == (4, [1.0, 2.0, 4.0])
    said, asked = refusal(lambda *_: Reply(status=429, headers={"Retry-After": "3600"}), cache)
    assert "answers 429 and asks to wait 3,600 s; try again then" in said
    assert asked == 1


@pytest.mark.parametrize("reply", [None, Reply("cut off", cut=5)])
def test_a_broken_connection_is_tried_again(cache, reply):
    said, asked = refusal(lambda *_: reply, cache)
    assert "breaks the connection, 4 times in a row" in said
    assert asked == 4


def test_nobody_there_is_one_sentence(cache):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ServerError) as caught:
        server(f"http://127.0.0.1:{port}/v1").ask(QUESTION, cache)
    assert "cannot be reached (Connection refused); is the server running, and the address right? Fin" in str(
        caught.value
    )


def test_a_host_that_nobody_knows_is_one_sentence(cache, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ServerError) as caught:
        server("https://models.invalid/v1").ask(QUESTION, cache)
    assert "cannot be reached (Name or service not known); is the server running" in str(caught.value)


def test_a_host_that_can_be_none_is_one_sentence(cache):
    with pytest.raises(ServerError, match="cannot be reached"):
        server(f"https://{'a' * 80}.invalid/v1").ask(QUESTION, cache)


def test_an_answer_that_does_not_come_is_not_waited_for(cache):
    gone = threading.Event()
    said, asked = refusal(lambda *_: gone.wait(5) and None, cache, timeout=1)
    gone.set()
    assert "has not answered within 1 s" in said
    assert "longer label.llm.timeout" in said
    assert asked == 1


def test_an_answer_in_drops_is_not_waited_for(cache):
    stop = threading.Event()

    class Dripping(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(200)
            self.end_headers()
            while not stop.wait(0.05):
                self.wfile.write(b" ")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as slow:
        slow.daemon_threads, slow.block_on_close = True, False
        slow.handle_error = lambda *_: None
        threading.Thread(target=slow.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        begin = time.monotonic()
        with pytest.raises(ServerError, match="has not answered within 1 s"):
            server(f"http://127.0.0.1:{slow.server_port}", timeout=1).ask(QUESTION, cache)
        stop.set()
        assert time.monotonic() - begin < 60
        slow.shutdown()


@pytest.mark.parametrize(
    ("first", "drop"), [(b"", b"H"), (b"HTTP/1.1 200 OK\r\n", b"a"), (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n")]
)
def test_headers_in_drops_are_not_waited_for(cache, first, drop):
    """Each byte begins the system's time limit anew, but not the one of the whole exchange."""
    enough = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip():
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(65_536)
                connection.sendall(first)
                while not enough.wait(0.05):
                    connection.sendall(drop)

        thread = threading.Thread(target=drip)
        thread.start()
        begin = time.monotonic()
        try:
            with pytest.raises(ServerError, match="has not answered within 1 s|cannot be reached"):
                server(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=1).ask(QUESTION, cache)
            assert time.monotonic() - begin < 5
        finally:
            enough.set()
            thread.join()


def test_proxies_hold_for_other_machines_and_not_for_this_one(cache, monkeypatch):
    with Model(lambda *_: "by the proxy") as proxy, Model(lambda *_: "direct") as model:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        assert server("http://models.example/v1", key_env=None).ask(QUESTION, cache) == "by the proxy"
        assert server(model.url).ask(QUESTION, cache) == "direct"
    assert [path for path, _, _ in proxy.seen] == ["http://models.example/v1/chat/completions"]
    assert len(model.seen) == 1


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"url": "http://localhost/v1"},
            "label.llm.url is set but label.llm.model is not; set both, or neither",
        ),
        ({"model": "small-1"}, "label.llm.model is set but label.llm.url is not; set both, or neither"),
        (
            {"url": "http://models.example/v1", "model": "m"},
            "The key in the environment variable OPENAI_API_KEY would go to http://models.example/v1 "
            "unencrypted; use https, or set label.llm.key_env to nothing to send no key",
        ),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings, sentence):
    with pytest.raises(ConfigError) as caught:
        Server.of(LlmSettings(**settings), 1)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("key", ["a b" * 5, "k\x00ey" * 5, "schlüssel" * 3, f"{KEY}\nX-Other: 1"])
def test_a_key_that_would_break_a_header_is_refused_and_not_shown(monkeypatch, key):
    monkeypatch.setattr(llm.os, "environ", {"OPENAI_API_KEY": key})
    with pytest.raises(ConfigError) as caught:
        server("http://localhost/v1")
    assert str(caught.value).startswith("The environment variable OPENAI_API_KEY does not hold a key")
    assert key not in str(caught.value)


@pytest.mark.parametrize("url", ["https://models.example/v1", "http://127.0.0.1:1/v1", "http://[::1]:1/v1"])
def test_a_key_goes_over_tls_or_to_this_machine(url, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    found = server(url)
    assert found.key == KEY
    assert KEY not in repr(found)


def test_nothing_is_asked_where_nothing_is_set():
    assert Server.of(LlmSettings(), 1) is None


def test_json_in_requests_is_plain(cache):
    with Model(lambda *_: "x") as model:
        server(model.url).ask([{"role": "user", "content": "é \ud800"}], cache)
    assert json.dumps(model.seen[0][2]["messages"][0]["content"]) == r'"\u00e9 \ud800"'
