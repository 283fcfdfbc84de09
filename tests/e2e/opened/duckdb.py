import duckdb

print(duckdb.sql("select sum(range) from range(10)").fetchall())
try:
    duckdb.sql("load httpfs")
except duckdb.Error as error:
    print(type(error).__name__)
