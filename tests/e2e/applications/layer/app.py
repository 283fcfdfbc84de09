# The function's libraries are in a layer.
import datetime

import requests
from dateutil import parser, tz


def handler(event, context):
    prepared = requests.Request("GET", "https://example.com/a b", params={"q": "ä"}).prepare()
    try:
        requests.get("http://127.0.0.1:1/", timeout=2)
        answer = "connected"
    except requests.ConnectionError as error:
        answer = type(error).__name__
    return {"url": prepared.url, "answer": answer, "certificates": requests.certs.where(),
            "date": parser.parse("2024-05-06 07:08").replace(tzinfo=tz.gettz("Europe/Oslo")).isoformat(),
            "encoding": requests.utils.get_encoding_from_headers({"content-type": "text/html"})}
