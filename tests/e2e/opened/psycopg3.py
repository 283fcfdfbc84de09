import psycopg

print(psycopg.pq.__impl__)
try:
    psycopg.connect("host=127.0.0.1 port=1 connect_timeout=1 dbname=x sslmode=require")
except psycopg.OperationalError as error:
    print("refused" in str(error))
