# Goes through the codecs, which Pillow imports when a file asks for them, and draws text.
import hashlib
import io

from PIL import Image, ImageCms, ImageDraw, ImageFilter, ImageFont, ImageOps


def handler(event, context):
    image = Image.new("RGB", (64, 48), "white")
    draw = ImageDraw.Draw(image)
    draw.text((2, 2), event["name"], font=ImageFont.load_default(18), fill="navy")
    draw.text((2, 30), "basic", font=ImageFont.load_default_imagefont(), fill="red")
    answer = {}
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "JPEG2000", "AVIF", "PDF", "ICO", "PPM"):
        file = io.BytesIO()
        image.save(file, kind)
        file.seek(0)
        answer[kind] = Image.open(file).size if kind != "PDF" else len(file.getvalue()) > 100
    turned = ImageOps.autocontrast(image.filter(ImageFilter.GaussianBlur(1)).rotate(30, expand=True))
    answer["turned"] = hashlib.sha256(turned.tobytes()).hexdigest()
    answer["profile"] = ImageCms.getProfileDescription(ImageCms.createProfile("sRGB"))
    return answer
