# Does a bootstrap answer an event, as Lambda would ask it to?
#
# The part of the Runtime API that a custom runtime needs: `next` hands out one event, then blocks as Lambda does while
# there is none; `response`, `error` and `init/error` take the answer. Anything out of order is refused, as on Lambda.

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BASE = "/2018-06-01/runtime"
REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:function"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """The function is killed while it waits for the next event: its connections may well be reset."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class RuntimeApi:
    """Listens on a free port of 127.0.0.1 while in a `with` block; gives one event and keeps what came back."""

    def __init__(self, event):
        self.event = json.dumps(event).encode()
        self.handed_out = False
        self.answer = None          # (kind, body): kind is "response", "error" or "init/error"
        self.answered = threading.Event()
        self.closing = threading.Event()
        self.lock = threading.Lock()

    def __enter__(self):
        self.server = Server(("127.0.0.1", 0), type("Handler", (Handler,), {"api": self}))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    api = None
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path != f"{BASE}/invocation/next":
            return self.reply(404, b"{}")
        with self.api.lock:
            first, self.api.handed_out = not self.api.handed_out, True
        if not first:
            self.api.closing.wait()
            self.close_connection = True
            return None
        return self.reply(200, self.api.event, {
            "Lambda-Runtime-Aws-Request-Id": REQUEST_ID,
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 60_000),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"})

    def do_POST(self):
        kind = {f"{BASE}/invocation/{REQUEST_ID}/response": "response",
                f"{BASE}/invocation/{REQUEST_ID}/error": "error",
                f"{BASE}/init/error": "init/error"}.get(self.path)
        body = self.read_body()
        if kind is None or self.api.answered.is_set() or (kind != "init/error") != self.api.handed_out:
            return self.reply(403, b'{"errorMessage":"out of order","errorType":"InvalidStateTransition"}')
        self.api.answer = (kind, body)
        self.reply(202, b'{"status":"OK"}')
        return self.api.answered.set()

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def reply(self, status, body, headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def ask_bootstrap(command_for, event, timeout):
    """Starts what command_for(api address) gives, a (command, Popen options) pair, and returns (answer, error text)."""
    with RuntimeApi(event) as api:
        command, options = command_for(api.address)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   **options)
        deadline = time.monotonic() + timeout
        while not api.answered.wait(0.05) and process.poll() is None and time.monotonic() < deadline:
            pass
        ended = process.poll()
        process.kill()
        output = process.communicate()[0].decode(errors="replace").strip()
    if not api.answered.is_set():
        why = f"ended with status {ended}" if ended is not None else f"gave no answer within {timeout} s"
        return None, f"the bootstrap {why}\n{output}"
    kind, body = api.answer
    if kind != "response":
        return None, f"the bootstrap reported an {kind}: {body.decode(errors='replace')}\n{output}"
    return json.loads(body), ""
