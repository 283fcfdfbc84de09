# The first of three functions in one zip.
import jwt

from common import settings


def handler(event, context):
    token = jwt.encode({"user": event["name"]}, settings()["key"], algorithm="HS256")
    return {"token": token, "user": jwt.decode(token, settings()["key"], algorithms=["HS256"])["user"]}
