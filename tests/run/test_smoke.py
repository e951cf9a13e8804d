"""The smoke command's own judgement, against a small server of the test's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from run.smoke import PageRefused, Visitor, ask

FORM = '<html><form><input type="hidden" name="csrfmiddlewaretoken" value="tok"></form></html>'


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.partition("?")[0] == "/accounts/login/":
            self._answer(200, FORM)
        elif self.path == "/closed/":
            self._redirect("/accounts/login/?next=/closed/")
        elif self.path == "/whole/" and "session=yes" in self.headers.get("Cookie", ""):
            self._answer(200, "<html>here</html>")
        elif self.path == "/half/":
            self._answer(200, "<html>")
        else:
            self._answer(404, "<html></html>")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "login=a%40b.example" in body and "csrfmiddlewaretoken=tok" in body and "password=right" in body:
            self._redirect("/whole/", cookie="session=yes; Path=/")
        else:
            self._answer(200, FORM)

    def _redirect(self, to: str, cookie: str = "") -> None:
        self.send_response(302)
        self.send_header("Location", to)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_visitor_who_logged_in_gets_the_page(site: str) -> None:
    visitor = Visitor(site)
    visitor.log_in("a@b.example", "right")
    assert ask(visitor, "/whole/").text == "<html>here</html>"


def test_a_wrong_password_is_noticed(site: str) -> None:
    with pytest.raises(PageRefused, match="not accepted"):
        Visitor(site).log_in("a@b.example", "wrong")


@pytest.mark.parametrize(
    ("path", "told"), [("/closed/", "sent to the log-in"), ("/half/", "not a whole page"), ("/none/", "status 404")]
)
def test_a_page_that_does_not_come_is_named(site: str, path: str, told: str) -> None:
    with pytest.raises(PageRefused, match=told):
        ask(Visitor(site), path)


def test_nobody_at_the_address() -> None:
    with pytest.raises(PageRefused, match="refused"):
        Visitor("http://127.0.0.1:1").get("/")
