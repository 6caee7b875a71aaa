// The initial bias against one axis.

function drawInitialBias(request) {
  var initial = report.initial;
  var column = request.quantity === "mean_prob" ? 1 : 0;
  var splits = initial.splits.filter(function (split) { return request.by === "none" ? split.name === "" : split.name === request.by; });
  var split = splits[0] || last(initial.splits.slice(0, 2));
  var labels = initial.x_values.map(text);
  var lines = (split.name === "" ? [0] : range(split.values.length)).map(function (position) {
    return {
      name: split.name === "" ? "all starts" : split.label + " " + text(split.values[position]),
      points: initial.points.filter(function (point) { return split.name === "" || point.axes[split.axis] === position; }),
      means: split.means.filter(function (mean) { return mean.series === position; })
    };
  });
  var beside = function (index) { return lines.length > 1 ? (index - (lines.length - 1) / 2) * 0.64 / lines.length : 0; };
  var jitter = function (i) { return ((i * 0.618034) % 1 - 0.5) * 0.28 / lines.length; };
  var series = [];
  lines.forEach(function (line, index) {
    var colour = colours.series[index % colours.series.length];
    series.push({type: "scatter", name: line.name, color: colour, symbolSize: 7, itemStyle: {opacity: 0.55},
      data: line.points.map(function (point, i) { return [point.x + beside(index) + jitter(i), point.values[column]]; })});
    series.push({type: "line", name: line.name, color: colour, symbol: "diamond", symbolSize: 11, showAllSymbol: true,
      itemStyle: {borderColor: colours.surface, borderWidth: 2}, lineStyle: {width: 2.5}, z: 5,
      data: line.means.map(function (mean) { return [mean.x + beside(index), mean.values[column]]; })});
    var hasTheory = column === 0 && line.means.some(function (mean) { return isNumber(mean.theory); });
    if (!hasTheory) return;
    series.push({type: "line", name: "theory", color: lines.length > 1 ? colour : colours.muted, symbol: "emptyCircle", symbolSize: 6,
      showAllSymbol: true, lineStyle: {width: 1.5, type: [6, 5]}, z: 4,
      data: line.means.map(function (mean) { return [mean.x + beside(index), mean.theory]; })});
  });
  var stride = Math.ceil(labels.length / 20);
  return {
    height: request.height || 460,
    option: {
      title: [{left: 16, top: 10,
        text: (column === 1 ? "Mean probability of the favoured class" : "Largest guess fraction") + " before any update",
        subtext: report.sweep.name + ": a point is one start, a diamond the mean" +
          (series.some(function (one) { return one.name === "theory"; }) ? ", dashed what theory expects of an infinitely wide network" : "")}],
      legend: {bottom: 6, left: 16, right: 16, itemGap: 18, textStyle: {color: colours.text, fontSize: 12}},
      grid: {left: 46, right: 20, top: 76, bottom: 84},
      xAxis: withStyle({type: "value", min: -0.5, max: labels.length - 0.5, interval: 1, name: initial.x.label, nameLocation: "middle",
        nameGap: 26, splitLine: {show: false},
        axisLabel: {color: colours.muted, fontSize: 12,
          customValues: range(labels.length).filter(function (index) { return index % stride === 0; }),
          formatter: function (position) { return labels[position] || ""; }}}),
      yAxis: withStyle({type: "value", min: 0, max: 1, interval: 0.25}),
      series: series
    }
  };
}
