# The second: configured as reports.monthly.handler.
import simplejson
from jinja2 import Environment, FileSystemLoader
from tabulate import tabulate

templates = Environment(loader=FileSystemLoader("reports"), autoescape=True)


def handler(event, context):
    rows = [{"day": 1, "sold": 2}, {"day": 2, "sold": 5}]
    return {"table": tabulate(rows, headers="keys", tablefmt="github"), "json": simplejson.dumps(rows),
            "page": templates.get_template("monthly.html").render(rows=rows)}
