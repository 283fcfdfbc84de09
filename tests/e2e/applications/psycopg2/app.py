# There is no server: what libpq says, and what needs none.
import psycopg2
import psycopg2.extras
import psycopg2.sql
import psycopg2.tz


def handler(event, context):
    try:
        psycopg2.connect("host=127.0.0.1 port=1 dbname=test connect_timeout=2 sslmode=require")
        answer = "connected"
    except psycopg2.OperationalError as error:
        answer = str(error)
    return {"answer": answer, "quoted": psycopg2.extensions.quote_ident.__name__,
            "json": psycopg2.extensions.adapt(psycopg2.extras.Json({"a": 1})).getquoted().decode(),
            "version": psycopg2.extensions.libpq_version(), "code": psycopg2.errors.lookup("23505").__name__}
