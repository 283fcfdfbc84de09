import h5py
import numpy
import tables

with h5py.File("/tmp/x.h5", "w") as file:
    for name in ("gzip", "lzf"):
        file.create_dataset(name, data=numpy.arange(1000), compression=name)
    try:
        file.create_dataset("blosc", data=numpy.arange(1000), compression=32001)
        print("blosc")
    except ValueError:
        print("no blosc")
print(h5py.File("/tmp/x.h5")["lzf"][999])
for library in ("blosc2", "blosc2:zstd", "bzip2", "zlib", "lzo"):
    with tables.open_file("/tmp/y.h5", "w", filters=tables.Filters(5, library)) as file:
        print(library, file.create_carray("/", "a", obj=numpy.arange(10000))[9999])
