// One panel of curves: medians over finished trials, a line for each rank in the first guess, the
// favoured class bold and with its quartiles.

function lineColour(line, colours) {
  return colours.series[line.rank ?? 0] ?? colours.muted;
}

// Two lines without ink, the upper one stacked on the lower with the area between them filled.
function quartileBand(line, colour) {
  const ghost = (name, values) => ({
    type: "line", id: `${name}-${line.rank}`, name: `${name}-${line.rank}`, stack: `band-${line.rank}`,
    stackStrategy: "all", symbol: "none", silent: true, lineStyle: {opacity: 0}, color: colour, tooltip: {show: false},
    data: line.steps.map((step, i) => [stepPosition(step), values(i)]),
  });
  return [
    ghost("low", (i) => line.low[i]),
    {...ghost("high", (i) => line.high[i] - line.low[i]), areaStyle: {color: colour, opacity: 0.16}},
  ];
}

function curveOption(panel, quantity, lastStep, colours) {
  const series = panel.lines.flatMap((line) => {
    const leading = line.rank === null || line.rank === 0;
    const colour = lineColour(line, colours);
    return [{
      type: "line", id: `rank-${line.rank}`, name: line.rank === null ? "median" : `rank ${line.rank}`,
      data: line.steps.map((step, i) => [stepPosition(step), line.middle[i]]),
      showSymbol: line.steps.length === 1, symbol: "circle", symbolSize: 5, color: colour,
      lineStyle: {width: leading ? 3 : 1.3, opacity: leading ? 1 : 0.8}, z: leading ? 5 : 3,
    }, ...(leading ? quartileBand(line, colour) : [])];
  });
  return {
    ...baseOption(colours),
    grid: {left: 36, right: 14, top: 10, bottom: 44},
    xAxis: stepAxis(lastStep, colours),
    yAxis: {...axisStyle(colours), type: "value", min: 0, max: 1, interval: 0.25},
    tooltip: {
      ...tooltipStyle(colours),
      trigger: "axis",
      axisPointer: {type: "line", lineStyle: {color: colours.muted}},
      formatter: (points) => {
        const medians = points.filter((point) => point.seriesId.startsWith("rank-"));
        return tooltipElement(`step ${Math.round(10 ** points[0].value[0] - 1)}`,
          medians.map((point) => [point.color, point.seriesName, fraction(point.value[1], 3)]));
      },
    },
    series,
  };
}

// What the panel shows, in a line.
function curveOutcome(panel) {
  const leading = panel.lines.find((line) => line.rank === null || line.rank === 0);
  if (!leading) return "nothing measured";
  const ends = `${fraction(leading.middle[0])} → ${fraction(last(leading.middle))}`;
  return leading.rank === null ? ends : `favoured class ${ends}`;
}

function curveSummary(panel, title, quantity, lastStep) {
  const leading = panel.lines.find((line) => line.rank === null || line.rank === 0);
  const range = leading
    ? ` At the end half of the trials are between ${fraction(last(leading.low))} and ${fraction(last(leading.high))}.` : "";
  return `${quantities[quantity]} over ${count(lastStep)} steps, ${title || "all trials"}: ${curveOutcome(panel)}, ` +
    `median of ${counted(panel.trials, "trial")}.${range}`;
}
