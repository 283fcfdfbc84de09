# Draws with Agg, as PNG, SVG and PDF, with the fonts, styles and colour maps that come along.
import hashlib
import io

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt


def handler(event, context):
    sizes = {}
    plt.style.use("ggplot")
    figure, axes = plt.subplots(1, 2, figsize=(5, 3))
    axes[0].plot([1, 3, 2], label=r"$\alpha_1$")
    axes[0].legend()
    axes[1].imshow([[0, 1], [2, 3]], cmap="viridis")
    axes[1].set_title("Größe", fontname="DejaVu Serif")
    figure.canvas.draw()
    sizes["agg"] = hashlib.sha256(figure.canvas.buffer_rgba()).hexdigest()
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None}), ("pdf", {"CreationDate": None})):
        file = io.BytesIO()
        with plt.rc_context({"svg.hashsalt": "same"}):
            figure.savefig(file, format=kind, metadata=metadata)
        sizes[kind] = hashlib.sha256(file.getvalue()).hexdigest()
    return sizes
