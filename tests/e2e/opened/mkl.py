# The loader reads LD_LIBRARY_PATH when a process starts, so the part that uses MKL is one.
import glob
import os
import subprocess
import sys

PROGRAM = """
import ctypes, glob, sys
mkl = ctypes.CDLL(glob.glob(sys.argv[1] + "/libmkl_rt.so*")[0])
n = 64
matrix, result = (ctypes.c_double * (n * n))(*[1.0] * (n * n)), (ctypes.c_double * (n * n))()
number, real, pointer = ctypes.c_int, ctypes.c_double, ctypes.c_void_p
mkl.cblas_dgemm.argtypes = [number] * 6 + [real, pointer, number, pointer, number, real, pointer, number]
mkl.cblas_dgemm(101, 111, 111, n, n, n, 1.0, matrix, n, matrix, n, 0.0, result, n)
print(result[0])
mkl.vdSin(ctypes.c_int(n), matrix, result)
print(round(result[0], 6))
"""
here = os.path.dirname(os.path.abspath(__file__))
folder = os.path.dirname(glob.glob(here + "/**/libmkl_rt.so*", recursive=True)[0])
environment = dict(os.environ, LD_LIBRARY_PATH=folder + ":" + os.environ["LD_LIBRARY_PATH"])
done = subprocess.run([sys.executable, "-c", PROGRAM, folder], env=environment, capture_output=True, text=True)
print(done.returncode, done.stdout, done.stderr[-300:])
