# The handler never names duckdb_engine: SQLAlchemy finds the dialect by its entry point.
import os

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, func, select

engine = create_engine(os.environ.get("DATABASE", "duckdb:///:memory:"))


def handler(event, context):
    metadata = MetaData()
    people = Table("people", metadata, Column("id", Integer, primary_key=True, autoincrement=False),
                   Column("name", String))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(people.insert(), [{"id": 1, "name": event["name"]}, {"id": 2, "name": "Bob"}])
        return {"dialect": engine.dialect.name, "count": connection.scalar(select(func.count()).select_from(people)),
                "names": [row.name for row in connection.execute(select(people).order_by(people.c.id))]}
