# Schemas are data files found through importlib.resources, formats are checked by packages that are looked for when
# jsonschema is imported, and Babel unpickles one data file per locale.
import datetime

import jsonschema
from babel.dates import format_datetime
from babel.numbers import format_currency

SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
          "properties": {"mail": {"format": "email"}, "when": {"format": "date-time"}, "colour": {"format": "color"},
                         "link": {"format": "uri"}, "span": {"format": "duration"}}}


def handler(event, context):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    when = datetime.datetime(2024, 5, 6, 7, 8)
    return {"errors": sorted(error.message for error in validator.iter_errors(event)),
            "old": [error.message for error in jsonschema.Draft4Validator({"type": "string"}).iter_errors(3)],
            "date": [format_datetime(when, locale=locale, tzinfo="Europe/Oslo") for locale in ("de", "nb_NO", "ja")],
            "money": format_currency(1234.5, "EUR", locale="de_DE")}
