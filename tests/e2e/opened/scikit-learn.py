import numpy
import sklearn.cluster
import sklearn.ensemble
import threadpoolctl

data = numpy.random.RandomState(0).rand(100, 3)
print(sklearn.cluster.KMeans(3, n_init=1, random_state=0).fit(data).n_iter_ > 0)
print(sklearn.ensemble.HistGradientBoostingRegressor(max_iter=5).fit(data, data[:, 0]).n_iter_)
print(sorted({entry["internal_api"] for entry in threadpoolctl.threadpool_info()}))
