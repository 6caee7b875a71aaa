"""Prints sample_values.h: what `sample` draws, by hashlib and scipy (pip install scipy) alone.

    python3 sample_values.py > sample_values.h
"""

import hashlib

from scipy.stats import qmc


def random_cells(seed, count, cells):
    drawn = []
    for i in range(count):
        digest = hashlib.sha256(f"firstguess/v1/sample/{seed}/{i}".encode()).digest()
        drawn.append(int.from_bytes(digest, "big") % cells)
    return drawn


def sobol_points(dimensions, count):
    points = qmc.Sobol(dimensions, scramble=False, bits=32).random(count)
    return [[int(coordinate * 2**32) for coordinate in point] for point in points]


def sobol_cells(seed, count, sizes):
    shifts = []
    for k in range(len(sizes)):
        digest = hashlib.sha256(f"firstguess/v1/sobol/{seed}/{k}".encode()).digest()
        shifts.append(int.from_bytes(digest[:4], "big"))
    cells = []
    for point in sobol_points(len(sizes), count):
        cell = 0
        for coordinate, shift, size in zip(point, shifts, sizes):
            cell = cell * size + (coordinate ^ shift) * size // 2**32
        cells.append(cell)
    return cells


def braces(numbers):
    return "{" + ", ".join(str(number) for number in numbers) + "}"


def main():
    print("// Printed by sample_values.py.\n#pragma once\n")
    print("#include <cstdint>\n#include <vector>\n\nnamespace firstguess {\n")
    print("// Draws 0 … 15 of seed 7 among 1000, and among 999999999989.")
    print("inline const std::vector<uint64_t> kRandomOfThousand =")
    print(f"    {braces(random_cells(7, 16, 1000))};")
    print("inline const std::vector<uint64_t> kRandomOfTrillion =")
    print(f"    {braces(random_cells(7, 16, 999999999989))};\n")
    print("// Points 1, 2, 63 and 1000, of 32 dimensions, times 2^32.")
    points = sobol_points(32, 1024)
    print("inline const std::vector<std::vector<uint32_t>> kSobolPoints = {")
    for index in (1, 2, 63, 1000):
        print(f"    {braces(points[index])},")
    print("};\n")
    print("// Draws 0 … 31 of seed 3 on axes of 5, 7, 4 and 1000 values.")
    print("inline const std::vector<uint64_t> kSobolCells =")
    print(f"    {braces(sobol_cells(3, 32, [5, 7, 4, 1000]))};\n")
    print("}  // namespace firstguess")


main()
