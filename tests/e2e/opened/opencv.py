import cv2
import numpy

image = numpy.zeros((64, 64, 3), "uint8")
for kind in (".png", ".jpg", ".webp", ".tiff", ".jp2", ".avif"):
    try:
        print(kind, cv2.imencode(kind, image)[0])
    except cv2.error:
        print(kind, "not built in")
writer = cv2.VideoWriter("/tmp/x.avi", cv2.VideoWriter_fourcc(*"MJPG"), 5, (64, 64))
for _ in range(5):
    writer.write(image)
writer.release()
print(cv2.VideoCapture("/tmp/x.avi").read()[0], cv2.ocl.haveOpenCL())
print(cv2.SIFT_create().detect(image, None), len(cv2.videoio_registry.getBackends()) > 0)
