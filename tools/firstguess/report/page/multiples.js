// Small multiples: the figure over seeds once for each pair of values of two axes, so that a trend
// across the grid is seen at a glance. Whatever else varies is pooled.

const multiples = {across: null, down: null, quantity: "mean_prob", entry: null};
const mostMultiples = 8;  // each way

// [{name, label, values as text, of(trial) → position}]: axes of the trials shown that vary, but for
// the seeds; and the loss.
function multipleAxes() {
  const axes = report.axes.map((axis, index) => {
    const used = [...new Set(report.groups.map((group) => group.axes[index]))].sort((a, b) => a - b);
    return {
      name: axis.name, label: axis.label, values: used.map((position) => axisText(index, position)),
      of: (trial) => used.indexOf(report.groups[trial.group].axes[index]),
    };
  }).filter((_, index) => !seedAxes.includes(index));
  axes.push(lossAxis());
  return axes.filter((axis) => axis.values.length > 1);
}

// A single place, where there is no second axis.
const noAxis = {name: "", label: "", values: [""], of: () => 0};

// [{x, y, trials, steps, medians by rank and step}], row by row.
function multipleCells() {
  const cells = new Map();
  for (const trial of report.trials) {
    const [x, y] = [multiples.across.of(trial), multiples.down.of(trial)];
    if (x >= mostMultiples || y >= mostMultiples) continue;
    if (!cells.has(`${x},${y}`)) cells.set(`${x},${y}`, {x, y, trials: []});
    cells.get(`${x},${y}`).trials.push(trial);
  }
  return [...cells.values()].sort((a, b) => a.y - b.y || a.x - b.x).map((cell) => {
    const longest = cell.trials.reduce((a, b) => (stepsOf(b).length > stepsOf(a).length ? b : a));
    const steps = stepsOf(longest);
    return {
      ...cell, steps,
      medians: longest.support.map((_, rank) => steps.map((_, i) => quartiles(
        cell.trials.map((trial) => series(trial, multiples.quantity, trial.rank.indexOf(rank))[i] ?? null)).middle)),
    };
  });
}

function multiplesOption(colours) {
  const cells = multipleCells();
  const columns = Math.min(multiples.across.values.length, mostMultiples);
  const rows = Math.min(multiples.down.values.length, mostMultiples);
  const container = byId("multiples-chart");
  const left = 44;
  const width = (container.clientWidth - left) / columns;
  const head = multiples.down.name === "" ? 26 : 44;
  const height = (container.clientHeight - 30) / rows;
  const lastStep = Math.max(...cells.map((cell) => last(cell.steps)));
  const option = {...baseOption(colours), title: [], grid: [], xAxis: [], yAxis: [], series: [], tooltip: {
    ...tooltipStyle(colours), trigger: "axis", axisPointer: {type: "line", lineStyle: {color: colours.muted}},
    formatter: (points) => tooltipElement(`step ${Math.round(10 ** points[0].value[0] - 1)}`,
      points.filter((point) => point.value[1] !== null).slice(0, 10)
        .map((point) => [point.color, point.seriesName, fraction(point.value[1], 3)])),
  }};
  cells.forEach((cell, index) => {
    const [x, y] = [left + cell.x * width, cell.y * height];
    const places = [multiples.across, multiples.down].filter((axis) => axis.name !== "")
      .map((axis) => `${axis.name === "loss" ? "" : `${axis.label} `}${axis.values[axis === multiples.across ? cell.x : cell.y]}`);
    places.forEach((text, line) => option.title.push({
      left: x + 4, top: y + 2 + 18 * line, text, padding: 0, textStyle: {
        color: line === 0 ? colours.text : colours.muted, fontSize: 12, fontWeight: line === 0 ? "bold" : "normal",
        width: width - 12, overflow: "truncate",
      },
    }));
    option.grid.push({left: x + 4, top: y + head, width: width - 20, height: height - head - 34});
    const axis = stepAxis(lastStep, colours);
    const ticks = stepTicks(lastStep, stepPosition(lastStep) / 3).map(stepPosition);
    option.xAxis.push({
      ...axis, gridIndex: index, name: "",
      axisTick: {...axis.axisTick, customValues: ticks}, axisLabel: {...axis.axisLabel, fontSize: 11, customValues: ticks},
    });
    option.yAxis.push({
      ...axisStyle(colours), type: "value", gridIndex: index, min: 0, max: 1, interval: 0.5,
      axisLabel: {show: cell.x === 0, color: colours.muted, fontSize: 11},
    });
    cell.medians.forEach((line, rank) => option.series.push({
      type: "line", name: `rank ${rank}`, xAxisIndex: index, yAxisIndex: index, color: colours.series[rank] ?? colours.line,
      showSymbol: cell.steps.length === 1, symbol: "circle", z: rank === 0 ? 5 : 3,
      lineStyle: {width: rank === 0 ? 2.5 : 1},
      data: line.map((value, i) => [stepPosition(cell.steps[i]), value]),
    }));
  });
  return option;
}

function describeMultiples() {
  return `${quantities[multiples.quantity].label} by rank in the first guess over steps, one small chart for each ` +
    [multiples.across, multiples.down].filter((axis) => axis.name !== "").map((axis) => axis.label).join(" and ") +
    `. The favoured class: ` + multipleCells().slice(0, 40).map((cell) =>
      `${[multiples.across.values[cell.x], multiples.down.values[cell.y]].filter((text) => text !== "").join(", ")}: ` +
      `${fraction(cell.medians[0][0])} → ${fraction(last(cell.medians[0]))}`).join("; ") + ".";
}

function drawMultiples() {
  const rows = Math.min(multiples.down.values.length, mostMultiples);
  const cut = [multiples.across, multiples.down].some((axis) => axis.values.length > mostMultiples);
  byId("multiples-lead").textContent = "Medians by rank in the first guess, over seeds and whatever else varies; the favoured " +
    `class is the thick line.${cut ? ` The first ${mostMultiples} values of an axis are drawn.` : ""}`;
  const container = byId("multiples-chart");
  container.style.height = `${rows * 170 + 30}px`;
  container.setAttribute("aria-label", describeMultiples());
  if (multiples.entry) {
    multiples.entry.chart.resize();
    multiples.entry.draw();
  } else {
    multiples.entry = makeChart(container, multiplesOption);
  }
}

function multiplesRows() {
  const axes = [multiples.across, multiples.down].filter((axis) => axis.name !== "");
  const rows = [[...axes.map((axis) => axis.name), "trials", "step", "initial_rank", multiples.quantity]];
  for (const cell of multipleCells()) {
    const place = axes.map((axis) => axis.values[axis === multiples.across ? cell.x : cell.y]);
    cell.steps.forEach((step, i) => cell.medians.forEach((line, rank) =>
      rows.push([...place, cell.trials.length, step, rank, line[i]])));
  }
  return rows;
}

function startMultiples() {
  const axes = multipleAxes();
  if (axes.length === 0 || report.groups.length === 0) {
    byId("multiples").hidden = true;
    return;
  }
  multiples.across = last(axes);
  const others = axes.filter((axis) => axis !== multiples.across);
  multiples.down = others.find((axis) => axis.name === "depth") ?? others[0] ?? noAxis;
  const controls = byId("multiples-controls");
  controls.append(choice("multiples-quantity", "Quantity",
    Object.entries(quantities).map(([name, quantity]) => [name, quantity.label]), multiples.quantity, (name) => {
      multiples.quantity = name;
      drawMultiples();
    }));
  if (axes.length > 1) addAxisSelectors(controls, multiples, {across: "across", down: "down"}, axes, drawMultiples);
  savesCsv(byId("multiples-csv"), "small-multiples", multiplesRows);
  drawMultiples();
}
