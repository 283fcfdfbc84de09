# What do AWS services answer where there are none?
#
# One HTTP endpoint of this machine that speaks as much of S3 and DynamoDB as the applications ask: a list of keys that
# takes two pages, a list of tables that takes three, and an object that is missing. SDKs go there by AWS_ENDPOINT_URL.

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEYS = [["a.txt", "b c.txt"], ["d/ü.txt"]]
TABLES = ["orders", "people", "visits"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        place = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        if place.path.strip("/") != "bucket" or query.get("list-type") != "2":
            return self.reply(404, "application/xml", "<Error><Code>NoSuchKey</Code></Error>")
        page = int(query.get("continuation-token", "0"))
        more = page + 1 < len(KEYS)
        contents = "".join(f"<Contents><Key>{key}</Key><Size>1</Size></Contents>" for key in KEYS[page])
        token = f"<NextContinuationToken>{page + 1}</NextContinuationToken>" if more else ""
        return self.reply(200, "application/xml",
                          f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>bucket</Name>'
                          f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{contents}</ListBucketResult>")

    def do_HEAD(self):
        self.reply(404, "application/xml", "")

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if not self.headers.get("X-Amz-Target", "").endswith(".ListTables"):
            return self.reply(400, "application/x-amz-json-1.0", '{"__type":"UnknownOperationException"}')
        first = TABLES.index(asked["ExclusiveStartTableName"]) + 1 if "ExclusiveStartTableName" in asked else 0
        answer = {"TableNames": [TABLES[first]]}
        if first + 1 < len(TABLES):
            answer["LastEvaluatedTableName"] = TABLES[first]
        return self.reply(200, "application/x-amz-json-1.0", json.dumps(answer))

    def reply(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def local_services():
    """Gives the endpoint's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
