# Which functions are built as users build them, and what are they asked?
#
# A folder per application has its source, which becomes the user's own files, and a lock: wheels.lock (pip install
# --target), layer-wheels.lock (the same into a layer), package-lock.json (npm ci) or jars.lock (a folder lib). Their
# dependencies were chosen for what breaks when a packager deletes by pattern: data files, plugins by entry point or by
# a configured name, code in folders named doc or tests, native code inside. calls: handlers and their events; uses:
# regular expressions of files without which the application tests nothing; small: part of every test run; code: the folder
# whose source it takes, when that is another's.

from collections import namedtuple

Application = namedtuple("Application", "name language calls uses small code")

GREETING = {"name": "Ada"}
HTTP = {"version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "", "isBase64Encoded": False,
        "headers": {"host": "example.com", "content-type": "application/json"},
        "requestContext": {"accountId": "1", "apiId": "a", "domainName": "example.com", "requestId": "r", "stage": "$default",
                           "timeEpoch": 0, "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1",
                                                    "sourceIp": "127.0.0.1", "userAgent": "test"}}}


def http(method, path, body=""):
    context = {**HTTP["requestContext"], "http": {**HTTP["requestContext"]["http"], "method": method, "path": path}}
    return {**HTTP, "rawPath": path, "body": body, "routeKey": f"{method} {path}", "requestContext": context}


def python(name, *uses, calls=None, small=False, code=None):
    return Application(name, "python", calls or [("app.handler", GREETING)], uses, small, code or name)


def node(name, *uses, event=None, small=False):
    return Application(name, "node", [("index.handler", event or GREETING)], uses, small, name)


def java(name, *uses):
    return Application(name, "java", [("demo.Handler::handle", GREETING)], uses, False, name)


APPLICATIONS = [
    python("boto3", r"botocore/data/s3/.*/paginators-1", r"botocore/data/dynamodb/.*/service-2", r"botocore/data/endpoints"),
    python("boto3-newer", r"botocore/data/s3/.*/paginators-1", r"botocore/data/dynamodb/.*/service-2",
           r"boto3/data/s3/", code="boto3"),
    python("cryptography", r"_rust\.abi3\.so", r"_cffi_backend", r"_sodium\.abi3\.so", r"_bcrypt\.abi3\.so", small=True),
    python("fastapi", r"mangum/", r"pydantic_core/.*\.so",
           calls=[("app.handler", http("POST", "/orders", '{"item": "tea", "count": 2}')),
                  ("app.handler", http("POST", "/orders", '{"item": "t"}')), ("app.handler", http("GET", "/orders/7")),
                  ("app.handler", http("GET", "/openapi.json"))]),
    python("flask", r"jinja2/tests", r"templates/base\.html", calls=[("app.handler", HTTP)], small=True),
    python("jsonschema", r"jsonschema_specifications/schemas/", r"babel/locale-data/nb", r"fqdn|rfc3987", r"tzdata/",
           calls=[("app.handler", {"mail": 3, "colour": "no colour", "when": "yesterday", "link": "a b", "span": "1D"})]),
    python("layer", r"python/requests/", r"python/tzdata/|python/dateutil/"),
    python("lxml", r"isoschematron/resources/", r"etree\..*\.so", calls=[
        ("app.handler", {"xml": "<r><item id='1'/><item/></r>"}), ("app.handler", {"xml": "<r><item id='1'/></r>"})],
           small=True),
    python("matplotlib", r"mpl-data/fonts/ttf/", r"mpl-data/fonts/afm/", r"mpl-data/stylelib/ggplot", r"mpl-data/matplotlibrc"),
    python("networkx", r"generators/atlas\.dat\.gz", r"entry_points\.txt"),
    python("pandas", r"openpyxl/", r"tabulate/", r"pyarrow/libparquet\.so", r"tzdata|dateutil"),
    python("pillow", r"_imagingft", r"_avif", r"_webp"),
    python("powertools", r"aws_xray_sdk/", r"aws_lambda_powertools/", r"botocore/", calls=[
        ("app.handler", http("POST", "/orders", '{"item": "tea", "count": 2}')),
        ("app.handler", http("POST", "/orders", '{"count": "x"}'))]),
    python("psycopg2", r"libpq-", r"libcrypto-", small=True),
    python("scikit-image", r"\.pyi$", r"data/.*\.(png|jpg)"),
    python("scikit-learn", r"descr/iris\.rst", r"data/iris\.csv", r"data/digits\.csv\.gz", r"libgomp",
           calls=[("app.handler", {"flower": [5.1, 3.5, 1.4, 0.2]}), ("app.handler", {"flower": [6.3, 3.3, 6.0, 2.5]})]),
    python("setuptools", r"pkg_resources/__init__", r"_distutils/version", r"data/greeting\.txt", r"zope"),
    python("sqlalchemy", r"duckdb_engine/__init__", r"entry_points\.txt"),
    python("three-handlers", r"jwt/", r"simplejson/", r"reports/monthly\.html", r"plugins/hello\.py", small=True, calls=[
        ("orders.handler", GREETING), ("reports.monthly.handler", {}), ("users.handler", {"plugin": "hello"})]),
    node("aws-sdk", r"@aws-sdk/client-s3/", r"zod/", event={"bucket": "bucket"}),
    node("dd-trace", r"dd-trace/packages/"),
    node("express", r"/ejs/lib/", r"views/head\.ejs", r"static/style\.css", small=True),
    node("jsdom", r"default-stylesheet"),
    node("knex", r"/pg/lib/", r"/mysql2/lib/"),
    node("pdfkit", r"pdfkit/js/"),
    node("pino", r"pino-pretty/", r"thread-stream/lib/worker", small=True),
    node("prisma", r"\.prisma/client/", r"query_compiler.*\.wasm", r"@libsql/linux-x64-gnu/index\.node"),
    node("puppeteer-core", r"puppeteer-core/", event={"browser": "/opt/chrome"}),
    node("sequelize", r"/pg/lib/", r"dialects/postgres", event={"dialect": "postgres"}),
    node("sharp", r"libvips-cpp", r"sharp-linux-x64.*\.node", event={"colour": "red"}),
    node("yaml", r"yaml/(browser/)?dist/doc/|yaml/dist/.*/doc/", small=True),
    java("snappy-java", r"snappy-java.*\.jar"),
    java("sqlite-jdbc", r"sqlite-jdbc.*\.jar"),
]
