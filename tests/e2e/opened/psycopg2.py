import psycopg2

for settings in ("sslmode=require", "gssencmode=require", "sslmode=disable", "channel_binding=require"):
    try:
        psycopg2.connect(f"host=127.0.0.1 port=1 connect_timeout=1 dbname=x {settings}")
    except psycopg2.OperationalError as error:
        print(settings, "refused" in str(error))
print(psycopg2.extensions.libpq_version() > 100000)
