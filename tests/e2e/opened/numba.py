import numba
import numpy


@numba.njit(fastmath=True)
def total(values):
    result = 0.0
    for value in values:
        result += numpy.sin(value)
    return result


print(round(total(numpy.arange(1000.0)), 6))
for layer in ("workqueue", "omp", "tbb"):
    numba.config.THREADING_LAYER = layer
    try:
        @numba.njit(parallel=True)
        def parallel(values):
            result = 0.0
            for i in numba.prange(len(values)):
                result += values[i]
            return result

        print(parallel(numpy.ones(1000)))
    except ValueError:
        print("no", layer)
for name in ("tbbpool", "omppool"):
    try:
        __import__(f"numba.np.ufunc.{name}")
        print(name)
    except ImportError:
        print("no", name)
