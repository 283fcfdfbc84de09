# scikit-image learns from .pyi files which modules it loads when they are first used.
import hashlib

import skimage
from skimage import data, feature, filters, measure, morphology, transform


def handler(event, context):
    coins = data.coins()
    mask = morphology.closing(coins > filters.threshold_otsu(coins), morphology.footprint_rectangle((3, 3)))
    small = transform.resize(coins, (30, 40), anti_aliasing=True)
    digest = hashlib.sha256(feature.canny(coins / 255.0, sigma=2).tobytes()).hexdigest()
    return {"shape": coins.shape, "regions": int(measure.label(mask).max()), "small": round(float(small.mean()), 9),
            "edges": digest, "gray": skimage.color.rgb2gray(data.astronaut()).shape,
            "colour": round(float(skimage.color.rgb2lab(data.astronaut()[:8, :8]).mean()), 9)}
