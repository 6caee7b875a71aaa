// A quantity over two axes; whatever else varies is averaged.

function heatAxis(name) {
  if (name === "loss") {
    return {label: "loss", values: report.treatments.map(function (treatment) { return treatment.label; }),
      of: function (row) { return row.treatment; }};
  }
  var index = report.table.axes.map(function (axis) { return report.axes[axis].name; }).indexOf(name);
  var axis = report.axes[report.table.axes[index]];
  var used = report.table.rows.map(function (row) { return row.axes[index]; }).filter(function (position, i, all) {
    return all.indexOf(position) === i;
  }).sort(function (a, b) { return a - b; });
  return {label: axis.label, values: used.map(function (position) { return text(axis.values[position]); }),
    of: function (row) { return used.indexOf(row.axes[index]); }};
}

function drawHeatMap(request) {
  var labels = {initial_max_guess: "Largest guess fraction at step 0", final_max_guess: "Largest guess fraction at the last step",
    accuracy: "Accuracy at the last step", above_chance: "Classes with a recall above chance at the last step"};
  var x = heatAxis(request.x);
  var y = heatAxis(request.y);
  var cells = {};
  report.table.rows.forEach(function (row) {
    if (!isNumber(row[request.quantity])) return;
    var key = x.of(row) + "," + y.of(row);
    cells[key] = cells[key] || {x: x.of(row), y: y.of(row), sum: 0, rows: 0};
    cells[key].sum += row[request.quantity];
    cells[key].rows += 1;
  });
  var most = 1;
  if (request.quantity === "above_chance") {
    Object.keys(report.classes).forEach(function (name) { most = Math.max(most, report.classes[name].length); });
  }
  var category = function (axis) {
    return withStyle({type: "category", data: axis.values, name: axis.label, splitLine: {show: false}});
  };
  var across = category(x);
  across.nameLocation = "middle";
  across.nameGap = 28;
  return {
    height: request.height || Math.min(Math.max(y.values.length * 36 + 190, 320), 900),
    option: {
      title: [{left: 16, top: 10, text: labels[request.quantity],
        subtext: report.sweep.name + ": the median over seeds, then the mean over whatever else varies"}],
      grid: {left: 44, right: 24, top: 88, bottom: 86, containLabel: true},
      xAxis: across, yAxis: category(y),
      visualMap: {min: 0, max: most, calculable: false, orient: "horizontal", left: "center", bottom: 8, itemHeight: 160, itemWidth: 12,
        text: [String(most), "0"], textStyle: {color: colours.muted, fontSize: 12}, inRange: {color: [colours.faint, colours.series[0]]}},
      series: [{type: "heatmap", itemStyle: {borderColor: colours.surface, borderWidth: 2},
        label: {show: request.width / x.values.length > 44, fontSize: 12,
          formatter: function (point) { return point.data.value[2].toFixed(most > 1 ? 1 : 2); }},
        data: Object.keys(cells).map(function (key) {
          var mean = cells[key].sum / cells[key].rows;
          return {value: [cells[key].x, cells[key].y, mean],
            label: {color: mean > 0.55 * most ? colours.surface : colours.text}};
        })}]
    }
  };
}
