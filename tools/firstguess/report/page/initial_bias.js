// The initial bias of every start against one axis: a point a start, a line for the mean.

const biasChart = {quantity: "max_guess", split: "", entry: null};

const biasQuantities = {
  max_guess: {label: "Guess fraction", column: 0,
    lead: "the share of the probe examples that get the most frequent guess"},
  favoured_prob: {label: "Mean probability", column: 1,
    lead: "the mean softmax probability of the class that is guessed most"},
};

function biasAxis() {
  return report.initial.x;
}

// Points of one series stand beside those of the next, and spread a little by their order, so that
// equal values stay visible.
function spread(seriesIndex, seriesCount, index, total) {
  const slot = seriesCount > 1 ? (seriesIndex - (seriesCount - 1) / 2) * (0.64 / seriesCount) : 0;
  const jitter = total > 1 ? ((index * 0.618034) % 1 - 0.5) * (0.28 / seriesCount) : 0;
  return slot + jitter;
}

// [name, points as positions in report.initial.points, means by x] of each line.
function biasSeries() {
  const split = report.initial.splits.find((candidate) => candidate.name === biasChart.split);
  const positions = split.name === "" ? [null] : split.values.map((_, index) => index);
  return positions.map((position) => ({
    name: position === null ? "all starts" : `${split.label} ${valueText(split.values[position])}`,
    points: report.initial.points.filter(
      (point) => position === null || point.axes[split.axis] === position),
    means: split.means.filter((mean) => mean.series === (position ?? 0)),
  }));
}

// Theory is of the guess fraction only.
function showsTheory() {
  return biasChart.quantity === "max_guess" &&
    biasSeries().some((line) => line.means.some((mean) => mean.theory !== null));
}

function biasOption(colours) {
  const quantity = biasQuantities[biasChart.quantity];
  const lines = biasSeries();
  const labels = report.initial.x_values.map(valueText);
  const option = {
    ...baseOption(colours),
    grid: {left: 36, right: 16, top: 16, bottom: 46},
    xAxis: {
      ...axisStyle(colours), type: "value", min: -0.5, max: labels.length - 0.5, interval: 1,
      name: biasAxis().label, nameLocation: "middle", nameGap: 28,
      splitLine: {show: false},
      axisTick: {show: false},
      axisLabel: {
        color: colours.muted, fontSize: 12,
        customValues: labels.map((_, index) => index).filter((index) => index % Math.ceil(labels.length / 20) === 0),
        formatter: (position) => labels[position] ?? "",
      },
    },
    yAxis: {...axisStyle(colours), type: "value", min: 0, max: 1, interval: 0.25},
    tooltip: {
      ...tooltipStyle(colours),
      trigger: "item",
      formatter: (point) => tooltipElement(point.seriesName, point.data.tooltip),
    },
    series: [],
  };
  lines.forEach((line, index) => {
    const colour = colours.series[index % colours.series.length];
    option.series.push({
      type: "scatter", name: line.name, color: colour, symbolSize: 8,
      itemStyle: {opacity: 0.55}, emphasis: {itemStyle: {opacity: 1}},
      data: line.points.map((point, i) => ({
        value: [point.x + spread(index, lines.length, i, line.points.length), point.values[quantity.column]],
        tooltip: [[colour, axesText(point.axes, report.initial.axes), fraction(point.values[quantity.column], 3)]],
      })),
    });
    option.series.push({
      type: "line", name: line.name, color: colour, symbol: "diamond", symbolSize: lines.length > 4 ? 10 : 14, showAllSymbol: true,
      itemStyle: {borderColor: colours.surface, borderWidth: 2}, lineStyle: {width: 2.5}, z: 5,
      data: line.means.map((mean) => ({
        value: [mean.x + spread(index, lines.length, 0, 1), mean.values[quantity.column]],
        tooltip: [[colour, `mean of ${counted(mean.starts, "start")}`, fraction(mean.values[quantity.column], 3)]],
      })),
    });
  });
  if (showsTheory()) {
    lines.forEach((line, index) => {
      const colour = colours.series[index % colours.series.length];
      option.series.push({
        type: "line", name: `${line.name}, theory`, color: colour, symbol: "emptyCircle", symbolSize: 7, showAllSymbol: true,
        lineStyle: {width: 1.5, type: [6, 5]}, z: 4,
        data: line.means.map((mean) => ({
          value: [mean.x + spread(index, lines.length, 0, 1), mean.theory],
          tooltip: [[colour, "theory: infinitely wide, white noise", fraction(mean.theory, 3)]],
        })),
      });
    });
  }
  const classes = Object.values(report.classes).map((names) => names.length);
  if (classes.length === 1) {
    option.series[0].markLine = {
      silent: true, symbol: "none",
      data: [{
        yAxis: 1 / classes[0], lineStyle: {color: colours.muted, type: [4, 4], width: 1},
        label: {show: true, position: "insideEndTop", formatter: "no bias", color: colours.muted, fontSize: 11},
      }],
    };
  }
  return option;
}

function describeBias() {
  const quantity = biasQuantities[biasChart.quantity];
  const parts = biasSeries().map((line) => `${line.name}: ` + line.means.map((mean) =>
    `${fraction(mean.values[quantity.column])}${showsTheory() && mean.theory !== null ? ` (theory ${fraction(mean.theory)})` : ""}` +
    ` at ${biasAxis().label} ${valueText(report.initial.x_values[mean.x])}`).join(", "));
  return `${quantity.label} of the favoured class at step 0 by ${biasAxis().label}; means: ${parts.join("; ")}.`;
}

function drawBiasLegend() {
  const lines = biasSeries();
  byId("initial-legend").replaceChildren(...(lines.length < 2 ? [] : lines.map((line, index) => {
    const swatch = element("span", {class: "swatch"});
    swatch.style.background = `var(--series-${index % seriesColours})`;
    return element("li", {}, swatch, line.name);
  })));
}

function drawBias() {
  drawBiasLegend();
  byId("initial-lead").textContent =
    `At step 0, before any update: ${biasQuantities[biasChart.quantity].lead}. A point is one start, a diamond the mean.` +
    (showsTheory() ? " Dashed, beside it: what theory expects of an infinitely wide network over white noise." : "");
  const container = byId("initial-chart");
  container.setAttribute("aria-label", describeBias());
  if (biasChart.entry) biasChart.entry.draw();
  else biasChart.entry = makeChart(container, biasOption);
}

function biasRows() {
  const rows = [[...report.initial.axes.map((axis) => report.axes[axis].name), "max_guess", "favoured_mean_prob"]];
  for (const point of report.initial.points) {
    rows.push([...point.axes.map((position, i) => report.axes[report.initial.axes[i]].values[position]), ...point.values]);
  }
  return rows;
}

function startInitialBias() {
  const initial = report.initial;
  if (initial.points.length === 0) {
    byId("initial-lead").textContent = "No start has been measured yet.";
    byId("initial-csv").hidden = true;
    byId("initial-chart").hidden = true;
    return;
  }
  const controls = byId("initial-controls");
  controls.append(choice("bias", "Quantity",
    Object.entries(biasQuantities).map(([name, quantity]) => [name, quantity.label]), biasChart.quantity,
    (name) => {
      biasChart.quantity = name;
      drawBias();
    }));
  biasChart.split = last(initial.splits.slice(0, 2)).name;
  if (initial.splits.length > 1) {
    controls.append(selector("one line per",
      initial.splits.map((split) => [split.name, split.name === "" ? "– (all together)" : split.label]), biasChart.split,
      (name) => {
        biasChart.split = name;
        drawBias();
      }));
  }
  const shown = initial.points.length < initial.starts
    ? ` The points are ${count(initial.points.length)} of them, evenly taken; the means are over all.` : "";
  byId("initial-note").textContent =
    `${counted(initial.starts, "different start")}: trials that differ only in loss or training share one.${shown}`;
  savesCsv(byId("initial-csv"), "initial-bias", biasRows);
  drawBias();
}
