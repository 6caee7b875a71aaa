// Trajectories: a panel a loss, a line a class or a rank.

// A logarithmic step axis with room for step 0.
function stepPosition(step) { return Math.log(1 + step) / Math.LN10; }

function stepAxis(lastStep, grid) {
  var ticks = [0];
  for (var power = 1; power <= lastStep; power *= 10) ticks.push(power);
  if (stepPosition(lastStep) - stepPosition(last(ticks)) > 0.25) ticks.push(lastStep);
  var positions = ticks.map(stepPosition);
  return withStyle({
    type: "value", gridIndex: grid, min: 0, max: Math.max(stepPosition(lastStep), 0.1),
    name: "step", nameLocation: "middle", nameGap: 26, splitLine: {show: false},
    axisTick: {show: true, customValues: positions, lineStyle: {color: colours.line}},
    axisLabel: {
      color: colours.muted, fontSize: 12, customValues: positions,
      formatter: function (position) { return String(Math.round(Math.pow(10, position) - 1)); }
    }
  });
}

function valuesOf(trial, quantity, index) {
  if (quantity === "mean_prob") return trial.mean_prob[index];
  return trial.correct[index].map(function (correct) {
    return trial.support[index] ? correct / trial.support[index] : null;
  });
}

// The number below which a share of the sorted values lies, between neighbours in proportion.
function quantile(sorted, share) {
  var place = share * (sorted.length - 1);
  var below = Math.floor(place);
  var next = below + 1 < sorted.length ? sorted[below + 1] : sorted[below];
  return sorted[below] + (place - below) * (next - sorted[below]);
}

// [{title, subtitle, steps, lines: [{name, slot, favoured, middle, low, high}], diverged}] of one start.
function classPanels(trials, quantity) {
  return trials.map(function (trial) {
    var group = report.groups[trial.group];
    var dataset = report.axes.map(function (axis) { return axis.name; }).indexOf("dataset");
    var names = report.classes[dataset < 0 ? report.dataset : report.axes[dataset].values[group.axes[dataset]]] || [];
    return {
      treatment: trial.treatment, steps: report.step_sets[trial.steps], diverged: trial.diverged_at_step,
      accuracy: last(trial.accuracy),
      lines: trial.support.map(function (_, index) {
        return {
          name: names[index] || "class " + index, favoured: index === trial.favoured,
          slot: trial.support.length <= colours.series.length ? index : trial.rank[index],
          middle: valuesOf(trial, quantity, index)
        };
      })
    };
  });
}

// The same over all seeds, a line a rank in the first guess: the favoured class differs by seed.
function rankPanels(trials, quantity) {
  return range(report.treatments.length).map(function (treatment) {
    var of = trials.filter(function (trial) { return trial.treatment === treatment; });
    if (of.length === 0) return null;
    var longest = of.reduce(function (a, b) {
      return report.step_sets[b.steps].length > report.step_sets[a.steps].length ? b : a;
    });
    var steps = report.step_sets[longest.steps];
    var accuracies = of.map(function (trial) { return last(trial.accuracy); }).filter(isNumber)
      .sort(function (a, b) { return a - b; });
    return {
      treatment: treatment, steps: steps, diverged: null, seeds: of.length,
      accuracy: accuracies.length ? quantile(accuracies, 0.5) : null,
      lines: longest.support.map(function (_, rank) {
        var at = steps.map(function (_, i) {
          var sorted = of.map(function (trial) { return valuesOf(trial, quantity, trial.rank.indexOf(rank))[i]; })
            .filter(isNumber).sort(function (a, b) { return a - b; });
          return sorted.length ? [0.25, 0.5, 0.75].map(function (share) { return quantile(sorted, share); }) : [null, null, null];
        });
        var column = function (index) { return at.map(function (three) { return three[index]; }); };
        return {name: "rank " + rank, slot: rank, favoured: rank === 0, low: column(0), middle: column(1), high: column(2)};
      })
    };
  }).filter(function (panel) { return panel !== null; });
}

function drawTrajectories(request) {
  var ranks = request.lines === "ranks";
  var labels = {mean_prob: "Mean probability", recall: "Recall"};
  var trials = report.trials.filter(function (trial) { return ranks || trial.group === 0; });
  var panels = (ranks ? rankPanels : classPanels)(trials, request.quantity);
  var columns = Math.min(panels.length, 3);
  var rows = Math.ceil(panels.length / columns);
  var top = 72;
  var legend = 30 + 20 * Math.ceil(panels[0].lines.length * 90 / request.width);
  var height = request.height || top + rows * 310 + legend;
  var panelWidth = (request.width - 16) / columns;
  var panelHeight = (height - top - legend) / rows;
  var setting = axesText(report.groups[0].axes, range(report.axes.length), ranks ? seedAxes() : []);
  var option = {
    title: [{left: 16, top: 10, text: labels[request.quantity] + " per " + (ranks ? "rank in the first guess" : "class") +
        (ranks ? ", median and quartiles over seeds" : ""),
      subtext: report.sweep.name + (setting ? ": " + setting : "")}],
    grid: [], xAxis: [], yAxis: [], series: [],
    legend: {bottom: 6, left: 16, right: 16, itemGap: 18, itemWidth: 18, itemHeight: 8, textStyle: {color: colours.text, fontSize: 12},
      data: panels[0].lines.map(function (line) { return line.name; })}
  };
  panels.forEach(function (panel, p) {
    var left = 8 + (p % columns) * panelWidth;
    var above = top + Math.floor(p / columns) * panelHeight;
    var favoured = panel.lines.filter(function (line) { return line.favoured; })[0];
    var outcome = favoured ? favoured.name + " " + favoured.middle[0].toFixed(2) + " → " + last(favoured.middle).toFixed(2) : "";
    if (isNumber(panel.accuracy)) outcome += (outcome ? ", " : "") + "accuracy " + panel.accuracy.toFixed(2);
    if (panel.seeds) outcome += ", " + panel.seeds + (panel.seeds === 1 ? " seed" : " seeds");
    option.title.push({left: left + 38, top: above, text: report.treatments[panel.treatment].label, subtext: outcome,
      textStyle: {color: colours.text, fontSize: 13, fontWeight: "bold"}, itemGap: 3});
    option.grid.push({left: left + 38, top: above + 46, width: panelWidth - 56, height: panelHeight - 100});
    option.xAxis.push(stepAxis(Math.max(last(panel.steps), panel.diverged || 0), p));
    option.yAxis.push(withStyle({type: "value", gridIndex: p, min: 0, max: 1, interval: 0.25}));
    var position = function (value, i) { return [stepPosition(panel.steps[i]), value]; };
    panel.lines.forEach(function (line, index) {
      var colour = colours.series[line.slot] || colours.line;
      if (line.low) {
        [["low", line.low], ["high", line.high.map(function (high, i) { return isNumber(high) ? high - line.low[i] : null; })]]
          .forEach(function (edge) {
            option.series.push({
              type: "line", name: edge[0] + index, xAxisIndex: p, yAxisIndex: p, stack: "band-" + p + "-" + index, stackStrategy: "all",
              symbol: "none", lineStyle: {opacity: 0}, color: colour, data: edge[1].map(position),
              areaStyle: edge[0] === "high" ? {color: colour, opacity: 0.16} : undefined
            });
          });
      }
      option.series.push({
        type: "line", name: line.name, xAxisIndex: p, yAxisIndex: p, color: colour, showSymbol: panel.steps.length === 1,
        symbol: "circle", lineStyle: {width: line.favoured ? 3.5 : 1.6}, z: line.favoured ? 5 : 3, data: line.middle.map(position)
      });
    });
    var marks = [{yAxis: 1 / panel.lines.length, lineStyle: {color: colours.muted, type: [4, 4], width: 1},
      label: {show: true, position: "insideStartTop", formatter: "chance", color: colours.muted, fontSize: 11}}];
    if (isNumber(panel.diverged)) {
      marks.push({xAxis: stepPosition(panel.diverged), lineStyle: {color: colours.text, type: "solid", width: 1},
        label: {show: true, position: "insideEndTop", formatter: "diverged", color: colours.text, fontSize: 11}});
    }
    option.series.push({type: "line", name: "chance", xAxisIndex: p, yAxisIndex: p, data: [],
      markLine: {silent: true, symbol: "none", data: marks}});
  });
  return {option: option, height: height};
}
