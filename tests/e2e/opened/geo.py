import fiona
import numpy
import pyproj
import rasterio
import shapely
from rasterio.io import MemoryFile
from rasterio.warp import transform

print(shapely.buffer(shapely.Point(0, 0), 1).area > 3)
print(round(pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(1, 1)[0]))
for driver in ("GTiff", "PNG", "JP2OpenJPEG", "netCDF", "HDF5", "COG", "WEBP"):
    try:
        with MemoryFile() as memory:
            with memory.open(driver=driver, width=64, height=64, count=1, dtype="uint8", crs="EPSG:4326") as image:
                image.write(numpy.ones((1, 64, 64), "uint8"))
            print(driver, len(memory.read()) > 0)
    except Exception as error:
        print(driver, type(error).__name__)
try:
    rasterio.open("/vsicurl/http://127.0.0.1:1/x.tif")
except rasterio.errors.RasterioIOError:
    print("refused")
schema = {"geometry": "Point", "properties": {"name": "str"}}
for driver, path in (("GPKG", "/tmp/x.gpkg"), ("ESRI Shapefile", "/tmp/x.shp"), ("GeoJSON", "/tmp/x.json")):
    with fiona.open(path, "w", driver=driver, schema=schema, crs="EPSG:4326") as layer:
        layer.write({"geometry": {"type": "Point", "coordinates": (1, 2)}, "properties": {"name": "a"}})
    print(driver, len(list(fiona.open(path))))
print([round(x[0]) for x in transform("EPSG:4326", "EPSG:25832", [9], [48])])
