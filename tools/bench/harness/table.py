"""The figures for people."""

from statistics import median

from harness.parts import SHAPES
from harness.rows import quantile

# Of a step by width and depth: the column's head, and the metric's name with the shape in it.
SHAPE_COLUMNS = (("eager us", "pytorch/{}/{}:eager_us"), ("vmap us", "pytorch/{}/{}:vmap_us"),
                 ("autograd us", "train/{}/{}:autograd_us"), ("pack us", "train/{}/{}:tile_us"),
                 ("GFLOP/s", "train/{}/{}:GFLOPs"), ("of product", "train/{}/{}:share"))

HEAD = ("what", "", "ours", "beside", "", "ratio", "target", "")


def number(value):
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(values):
    """The median, and the quartiles where there is more than one sample."""
    if len(values) == 1:
        return number(values[0])
    return (f"{number(median(values))} "
            f"[{number(quantile(values, 0.25))}-{number(quantile(values, 0.75))}]")


def cells(row, quick):
    met = None if quick else row.met
    return (row.what, row.unit, spread(row.ours), number(median(row.beside)) if row.beside else "",
            row.beside_name, spread(row.ratios) if row.ratios else "", row.target,
            {None: "", True: "met", False: "MISSED"}[met])


def text(about, judged, quick):
    lines = [", ".join(f"{name.replace('_', ' ')} {value}" for name, value in about.items())]
    if quick:
        lines.append("A smoke run: the sizes are not those that the rows name, the figures mean nothing.")
    table = [HEAD, *(cells(row, quick) for row in judged)]
    return "\n".join((*lines, aligned(table, numeric=(2, 3, 5))))


def aligned(table, numeric):
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    return "\n".join("  ".join(cell.rjust(width) if column in numeric else cell.ljust(width)
                               for column, (cell, width) in enumerate(zip(line, widths))).rstrip()
                     for line in table)


def shapes(found):
    """A step of every shape, medians over rounds; empty if there are none."""
    columns = [(head, name) for head, name in SHAPE_COLUMNS if name.format(*SHAPES[0]) in found]
    if not columns:
        return ""
    table = [("width", "depth", *(head for head, _ in columns))]
    for width, depth in SHAPES:
        values = [found.get(name.format(width, depth)) for _, name in columns]
        table.append((str(width), str(depth),
                      *(number(median(value)) if value else "" for value in values)))
    return aligned(table, numeric=range(len(table[0])))
