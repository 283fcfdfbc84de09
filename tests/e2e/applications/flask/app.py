# A Flask site with a template in the package, behind API Gateway.
from apig_wsgi import make_lambda_handler
from flask import Flask, jsonify, render_template, session

app = Flask(__name__)
app.secret_key = "not secret"


@app.route("/")
def index():
    session["seen"] = True
    return render_template("index.html", names=["Ada", "<Bob>"])


@app.route("/json")
def as_json():
    return jsonify(app.url_map.bind("").match("/json"))


@app.errorhandler(404)
def missing(error):
    return error.get_description(), 404


wsgi = make_lambda_handler(app)


def handler(event, context):
    answers = [wsgi({**event, "rawPath": path, "requestContext": {**event["requestContext"],
                     "http": {**event["requestContext"]["http"], "path": path}}}, context)
               for path in ("/", "/json", "/nothing")]
    for answer in answers:
        answer.get("headers", {}).pop("set-cookie", None)  # holds the time
        answer["cookies"] = len(answer.get("cookies") or [])
    return answers
