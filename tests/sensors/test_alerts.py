"""A failed run is told to real servers: a chat's webhook over HTTP, a mail server over SMTP."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import dagster as dg
import pytest

from sensors.failed_run import FailedRun, FailedStep
from sensors.failed_runs import failed_run_sensor
from sensors.mail import Mail, send_mail
from sensors.webhook import AlertNotSent, send_to_webhook

STEP = FailedStep("web_text/rate", "the model is gone <@everyone> & away", "- max_failed: in the launchpad ...")
RUN = FailedRun("web_text", "0123456789abcdef", [STEP], "http://ui.example/runs/0123456789abcdef")


class Chat(ThreadingHTTPServer):
    """A webhook that answers with the given statuses, one after the other, the last for ever."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), ChatHandler)
        self.statuses, self.messages, self.paths = list(statuses or (200,)), [], []  # type: ignore[var-annotated]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/T0/SECRET"


class ChatHandler(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        self.server.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.paths.append(self.path)
        status = self.server.statuses.pop(0) if len(self.server.statuses) > 1 else self.server.statuses[0]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


class Post(ThreadingTCPServer):
    """An SMTP server without encryption."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), PostHandler)
        self.mails: list[str] = []
        self.said: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class PostHandler(StreamRequestHandler):
    server: Post

    def handle(self) -> None:
        self._answer("220 test")
        while line := self.rfile.readline().decode().strip():
            self.server.said.append(line)
            command = line.split()[0].upper()
            if command == "DATA":
                self._answer("354 go on")
                lines = []
                while (text := self.rfile.readline().decode()) not in (".\r\n", ""):
                    lines.append(text)
                self.server.mails.append("".join(lines))
            self._answer("221 bye" if command == "QUIT" else "250 test")
            if command == "QUIT":
                return

    def _answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def chat() -> Iterator[Chat]:
    yield from serving(Chat())


@pytest.fixture
def post() -> Iterator[Post]:
    yield from serving(Post())


def test_a_chat_is_told_stage_message_remedy_and_where_to_look(chat: Chat) -> None:
    send_to_webhook(chat.address, RUN)
    (message,) = chat.messages
    assert message["text"].startswith("web_text failed in web_text/rate: the model is gone")
    header, section, context = message["blocks"]
    assert header["text"]["text"] == "web_text failed in web_text/rate"
    assert "&lt;@everyone&gt; &amp; away" in section["text"]["text"], "a row's text mentions nobody"
    assert "max_failed: in the launchpad" in section["text"]["text"]
    assert "http://ui.example/runs/0123456789abcdef" in context["elements"][0]["text"]


def test_a_chat_that_is_busy_is_asked_again_and_one_that_refuses_is_not(chat: Chat) -> None:
    chat.statuses = [503, 429, 200]
    send_to_webhook(chat.address, RUN, wait=0.01)
    assert len(chat.messages) == 3
    chat.statuses = [404]
    with pytest.raises(AlertNotSent, match="it answered 404") as raised:
        send_to_webhook(chat.address, RUN, wait=0.01)
    assert len(chat.messages) == 4
    assert "SECRET" not in str(raised.value)


def test_the_message_follows_no_redirect_and_an_absent_chat_is_told_without_its_address(chat: Chat) -> None:
    chat.statuses = [302]
    with pytest.raises(AlertNotSent, match="it answered 302"):
        send_to_webhook(chat.address, RUN, wait=0.01)
    assert chat.paths == ["/services/T0/SECRET"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/SECRET"
    with pytest.raises(AlertNotSent, match="it cannot be reached") as raised:
        send_to_webhook(address, RUN, wait=0.01)
    assert "SECRET" not in str(raised.value)


def test_a_mail_has_the_whole_message(post: Post) -> None:
    send_mail(RUN, Mail(("a@example.com", "b@example.com"), "dagster@example.com", "127.0.0.1", post.port))
    (mail,) = post.mails
    assert "Subject: [Dagster] web_text failed in web_text/rate" in mail
    assert "To: a@example.com, b@example.com" in mail
    assert "the model is gone" in mail
    assert "max_failed" in mail
    assert "http://ui.example/runs/" in mail
    assert [line for line in post.said if line.startswith("rcpt")] == ["rcpt TO:<a@example.com>", "rcpt TO:<b@example.com>"]


def test_a_password_is_never_sent_without_encryption(post: Post) -> None:
    with pytest.raises(AlertNotSent, match="offers no encryption"):
        send_mail(RUN, Mail(("a@example.com",), "d@example.com", "127.0.0.1", post.port, user="me", password="hunter2"))
    assert "hunter2" not in " ".join(post.said)
    assert not any(line.lower().startswith("auth") for line in post.said)


@dg.asset(key=["demo", "rate"])
def fails() -> None:
    raise dg.Failure("4 of 4 rows failed: no model", metadata={"remedy": dg.MetadataValue.md("- max_failed: raise it")})


@dg.asset(key=["demo", "other"])
def raises() -> None:
    try:
        raise KeyError("the cause")
    except KeyError as error:
        raise RuntimeError("what wraps it") from error


@pytest.mark.parametrize(("asset", "words"), [(fails, "4 of 4 rows failed: no model"), (raises, "the cause")])
def test_the_sensor_tells_the_steps_own_message_to_both(
    asset: dg.AssetsDefinition, words: str, chat: Chat, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAFLOW_ALERT_WEBHOOK", chat.address)
    monkeypatch.setenv("DATAFLOW_ALERT_MAIL_TO", "team@example.com")
    monkeypatch.setenv("DATAFLOW_SMTP_SERVER", f"127.0.0.1:{post.port}")
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.Definitions(assets=[asset]).resolve_implicit_global_asset_job_def().execute_in_process(instance=instance, raise_on_error=False)
        event = next(event for event in result.all_events if event.is_failure and event.event_type_value == "PIPELINE_FAILURE")
        context = dg.build_run_status_sensor_context("failed_run_sensor", event, instance, result.dagster_run).for_run_failure()
        failed_run_sensor(context)
    (message,) = chat.messages
    (mail,) = post.mails
    assert words in message["text"]
    assert words in mail
    assert "Steps failed" not in mail


class Launched:
    """A run that Dagster's daemon could run again: one that a code server knows."""

    def __init__(self, run: dg.DagsterRun) -> None:
        self._run = run
        self.remote_job_origin = object()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run, name)


@pytest.mark.parametrize(("by_hand", "told"), [(False, 0), (True, 1)])
def test_a_run_that_dagster_runs_again_is_told_to_nobody(by_hand: bool, told: int, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAFLOW_ALERT_WEBHOOK", chat.address)
    with dg.DagsterInstance.ephemeral() as instance:
        job = dg.Definitions(assets=[fails]).resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        event = next(event for event in result.all_events if event.event_type_value == "PIPELINE_FAILURE")
        instance.add_run_tags(result.run_id, {"dagster/will_retry": "true"})
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        if not by_hand:
            monkeypatch.setattr(instance, "get_run_by_id", lambda _: Launched(run))
        failed_run_sensor(dg.build_run_status_sensor_context("failed_run_sensor", event, instance, result.dagster_run).for_run_failure())
    assert len(chat.messages) == told
