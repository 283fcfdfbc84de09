# Readers and writers that pandas imports when they are first used; scipy's parts that are loaded lazily.
import io

import numpy
import pandas
import scipy

table = pandas.DataFrame({"a": [1, 2, 3], "b": [1.5, None, 2.5], "c": ["x", "y", "z"]},
                         index=pandas.date_range("2026-01-01", periods=3, tz="Europe/Berlin"))
print(table.tz_localize(None).to_markdown())
for engine in ("openpyxl", "xlsxwriter"):
    file = io.BytesIO()
    table.tz_localize(None).to_excel(file, engine=engine)
    print(pandas.read_excel(io.BytesIO(file.getvalue()), engine="openpyxl", index_col=0)["b"].sum())
print(len(table.style.highlight_max().to_html()) > 500)
print(table["b"].interpolate(method="cubicspline").round(3).tolist())
print(table.groupby("c")["a"].sum().to_json(), table.resample("2D")["a"].mean().tolist())
numpy.testing.assert_allclose(numpy.fft.ifft(numpy.fft.fft(table["a"])).real, table["a"])
print(round(scipy.optimize.minimize(lambda x: (x[0] - 2) ** 2, [0.0]).x[0], 3))
print(round(float(scipy.special.gamma(5)), 3), round(float(scipy.stats.norm.cdf(1.96)), 3))
print(scipy.sparse.csr_matrix(numpy.eye(3)).nnz, scipy.spatial.cKDTree(numpy.eye(3)).query([1, 0, 0])[1])
print(scipy.ndimage.gaussian_filter(numpy.eye(3), 1).shape)
print(scipy.signal.butter(2, 0.5)[0].round(3).tolist(), numpy.linalg.det(numpy.eye(2)))
