import pyarrow
import pyarrow.acero
import pyarrow.compute
import pyarrow.csv
import pyarrow.dataset
import pyarrow.flight
import pyarrow.fs
import pyarrow.orc
import pyarrow.parquet
import pyarrow.substrait

table = pyarrow.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})
for codec in ("snappy", "gzip", "zstd", "brotli", "lz4"):
    pyarrow.parquet.write_table(table, "/tmp/x.parquet", compression=codec)
    print(codec, pyarrow.parquet.read_table("/tmp/x.parquet").num_rows)
pyarrow.orc.write_table(table, "/tmp/x.orc")
print(pyarrow.compute.sum(table["a"]), pyarrow.dataset.dataset("/tmp/x.parquet").count_rows())
print(table.group_by("b").aggregate([("a", "sum")]).num_rows)
for make in (lambda: pyarrow.fs.S3FileSystem(access_key="a", secret_key="b", endpoint_override="127.0.0.1:1"),
             lambda: pyarrow.fs.HadoopFileSystem("127.0.0.1", 1),
             lambda: pyarrow.fs.GcsFileSystem(anonymous=True), lambda: pyarrow.fs.LocalFileSystem()):
    try:
        print(type(make()).__name__)
    except Exception as error:
        print(type(error).__name__)
for name in ("jemalloc", "mimalloc", "system"):
    try:
        print(getattr(pyarrow, f"{name}_memory_pool")().backend_name)
    except NotImplementedError:
        print(name, "not built in")
