# Templates with tests (jinja2/tests.py), a database dialect and a driver by name, plugins by entry point.
import importlib.metadata
import json

import flask
import networkx
import sqlalchemy

app = flask.Flask("app")


@app.route("/<name>")
def hello(name):
    return flask.render_template_string("{% if n is even and name is string %}{{ name|upper }}{% endif %}", n=2, name=name)


print(app.test_client().get("/world").get_data(as_text=True))
engine = sqlalchemy.create_engine("sqlite://")
with engine.connect() as connection:
    print(connection.execute(sqlalchemy.text("select 6 * 7")).scalar())
print(sqlalchemy.create_engine("mysql+pymysql://user@localhost/db").dialect.driver)
(plugin,) = importlib.metadata.entry_points(group="babel.extractors")
print(plugin.load().__name__, importlib.metadata.version("flask"))
graph = networkx.karate_club_graph()
print(networkx.diameter(graph), json.dumps(networkx.node_link_data(networkx.path_graph(2)), sort_keys=True))
print(networkx.shortest_path(graph, 0, 33), len(list(networkx.connected_components(graph))))
