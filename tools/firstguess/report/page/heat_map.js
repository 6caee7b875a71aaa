// One quantity over any two axes of the sweep, colour for number; whatever else varies is averaged.

const heatMap = {quantity: "initial_max_guess", x: null, y: null, entry: null};

const heatQuantities = {
  initial_max_guess: {label: "Max guess, initial", lead: "the largest guess fraction at step 0"},
  final_max_guess: {label: "Max guess, final", lead: "the largest guess fraction at the last step"},
  accuracy: {label: "Accuracy, final", lead: "the accuracy at the last step"},
  above_chance: {label: "Classes recovered", lead: "the number of classes whose recall at the last step is above chance"},
};

// [{name, label, values as text, of(row) → position}]: the table's axes that vary, and the loss.
function heatAxes() {
  const table = report.table;
  const axes = table.axes.map((axis, index) => {
    const used = [...new Set(table.rows.map((row) => row.axes[index]))].sort((a, b) => a - b);
    return {
      name: report.axes[axis].name, label: report.axes[axis].label,
      values: used.map((position) => axisText(axis, position)), of: (row) => used.indexOf(row.axes[index]),
    };
  });
  axes.push(lossAxis());
  return axes.filter((axis) => axis.values.length > 1);
}

// [{x, y, value, rows}]: means over the rows that fall into a cell and have the quantity.
function heatCells() {
  const cells = new Map();
  for (const row of report.table.rows) {
    const value = row[heatMap.quantity];
    if (value === null) continue;
    const [x, y] = [heatMap.x.of(row), heatMap.y.of(row)];
    const cell = cells.get(`${x},${y}`) ?? {x, y, sum: 0, rows: 0};
    cell.sum += value;
    cell.rows += 1;
    cells.set(`${x},${y}`, cell);
  }
  return [...cells.values()].map((cell) => ({x: cell.x, y: cell.y, value: cell.sum / cell.rows, rows: cell.rows}));
}

function heatDigits() {
  return heatMap.quantity === "above_chance" ? 1 : 2;
}

// From the page's surface to the first series' colour, so that it reads in light and dark.
function heatOption(colours) {
  const cells = heatCells();
  const most = heatMap.quantity === "above_chance"
    ? Math.max(...Object.values(report.classes).map((names) => names.length), 1) : 1;
  const width = byId("heat-chart").clientWidth;
  const roomy = width / heatMap.x.values.length > 44;
  const category = (axis, name) => ({
    ...axisStyle(colours), type: "category", data: axis.values, name: axis.label,
    splitLine: {show: false}, splitArea: {show: false},
    axisLabel: {color: colours.muted, fontSize: 12, hideOverlap: true, width: name === "x" ? width / heatMap.x.values.length : 150, overflow: "truncate"},
  });
  return {
    ...baseOption(colours),
    grid: {left: 16, right: 16, top: 30, bottom: 92, containLabel: true},
    xAxis: {...category(heatMap.x, "x"), nameLocation: "middle", nameGap: 30},
    yAxis: {...category(heatMap.y, "y"), nameLocation: "end"},
    tooltip: {
      ...tooltipStyle(colours),
      formatter: (point) => tooltipElement(
        `${heatMap.x.label} ${heatMap.x.values[point.data.value[0]]}, ${heatMap.y.label} ${heatMap.y.values[point.data.value[1]]}`,
        [[point.color, heatQuantities[heatMap.quantity].label, fraction(point.data.value[2], 3)],
          ["transparent", "mean of", counted(point.data.rows, "row")]]),
    },
    visualMap: {
      min: 0, max: most, calculable: false, orient: "horizontal", left: "center", bottom: 0, itemHeight: 160, itemWidth: 12,
      precision: 2, text: [String(most), "0"], textStyle: {color: colours.muted, fontSize: 12},
      inRange: {color: [colours.faint, colours.series[0]]},
    },
    series: [{
      type: "heatmap",
      data: cells.map((cell) => ({
        value: [cell.x, cell.y, cell.value], rows: cell.rows,
        label: {color: cell.value > 0.55 * most ? colours.surface : colours.text},
      })),
      itemStyle: {borderColor: colours.surface, borderWidth: 2},
      label: {
        show: roomy && cells.length <= 400, fontSize: 12,
        formatter: (point) => fraction(point.data.value[2], heatDigits()),
      },
      emphasis: {itemStyle: {borderColor: colours.text}},
    }],
  };
}

function describeHeat() {
  const cells = heatCells();
  return `${heatQuantities[heatMap.quantity].label} by ${heatMap.x.label} and ${heatMap.y.label}: ` + cells.slice(0, 60).map((cell) =>
    `${heatMap.x.values[cell.x]}, ${heatMap.y.values[cell.y]}: ${fraction(cell.value)}`).join("; ") + ".";
}

function drawHeat() {
  byId("heat-lead").textContent =
    `A cell's number is ${heatQuantities[heatMap.quantity].lead}: the median over seeds, then the mean over whatever else varies.`;
  const container = byId("heat-chart");
  container.style.height = `${Math.min(Math.max(heatMap.y.values.length * 34 + 140, 260), 720)}px`;
  container.setAttribute("aria-label", describeHeat());
  if (heatMap.entry) {
    heatMap.entry.chart.resize();
    heatMap.entry.draw();
  } else {
    heatMap.entry = makeChart(container, heatOption);
  }
}

function heatRows() {
  return [[heatMap.x.name, heatMap.y.name, heatMap.quantity, "rows"], ...heatCells().map((cell) =>
    [heatMap.x.values[cell.x], heatMap.y.values[cell.y], cell.value, cell.rows])];
}

function startHeatMap() {
  const axes = heatAxes();
  if (axes.length < 2) {
    byId("heat").hidden = true;
    return;
  }
  const numeric = axes.filter((axis) => axis.name !== "loss");
  [heatMap.x, heatMap.y] = numeric.length >= 2 ? numeric : [axes[1], axes[0]];
  const controls = byId("heat-controls");
  const quantities = Object.entries(heatQuantities).filter(([name]) => report.table.rows.some((row) => row[name] !== null));
  controls.append(selector("quantity", quantities.map(([name, quantity]) => [name, quantity.label]), heatMap.quantity, (name) => {
    heatMap.quantity = name;
    drawHeat();
  }));
  addAxisSelectors(controls, heatMap, {x: "across", y: "upwards"}, axes, drawHeat);
  savesCsv(byId("heat-csv"), "heat-map", heatRows);
  drawHeat();
}
