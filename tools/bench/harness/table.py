"""The figures for people."""

from statistics import median

from harness.rows import quantile

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
    widths = [max(len(line[column]) for line in table) for column in range(len(HEAD))]
    numeric = (2, 3, 5)
    lines += ["  ".join(cell.rjust(width) if column in numeric else cell.ljust(width)
                        for column, (cell, width) in enumerate(zip(line, widths))).rstrip()
              for line in table]
    return "\n".join(lines)
