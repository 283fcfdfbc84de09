# Trains on the data set that comes with scikit-learn (a .csv, described by a .rst) and infers.
from sklearn.datasets import load_digits, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

iris = load_iris()
model = make_pipeline(StandardScaler(), LogisticRegression(random_state=0)).fit(iris.data, iris.target)
forest = RandomForestClassifier(n_estimators=5, random_state=0).fit(*load_digits(return_X_y=True))


def handler(event, context):
    kind = model.predict([event["flower"]])[0]
    return {"kind": str(iris.target_names[kind]), "described": iris.DESCR.splitlines()[:3],
            "digits": forest.predict(load_digits().data[:5]).tolist(), "steps": repr(model)}
