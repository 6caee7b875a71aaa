// What the charts share. `report` is what report/report_json.cc writes; plot.js sets it.

var report;

// Light: a chart in a text or a talk stands on white.
var colours = {
  text: "#1c2027", muted: "#5d6672", line: "#ccd1d8", faint: "#e9ebee", surface: "#ffffff",
  series: ["#2f6fd6", "#e07a1c", "#2c9a5c", "#cf3b3b", "#7f56c7", "#8a5a3c", "#d5539f", "#5f6975", "#9a8f12", "#0f9db0"]
};
var font = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

// ECharts asks for timers, which a drawing that stands still never needs.
function setTimeout() { return 0; }
function clearTimeout() {}

function last(list) { return list[list.length - 1]; }
function range(count) {
  var list = [];
  for (var i = 0; i < count; ++i) list.push(i);
  return list;
}
function text(value) {
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value === null ? "none" : value);
}
function isNumber(value) { return value !== null && value !== undefined; }

function axisStyle() {
  return {
    axisLine: {show: false}, axisTick: {show: false}, splitLine: {lineStyle: {color: colours.faint}},
    axisLabel: {color: colours.muted, fontSize: 12}, nameTextStyle: {color: colours.muted, fontSize: 12}
  };
}
function withStyle(more) {
  var style = axisStyle();
  Object.keys(more).forEach(function (name) { style[name] = more[name]; });
  return style;
}

// "width 64, depth 10" of positions on axes, without those of `but`.
function axesText(positions, axes, but) {
  return axes.map(function (axis, i) {
    return but.indexOf(axis) >= 0 ? "" : report.axes[axis].label + " " + text(report.axes[axis].values[positions[i]]);
  }).filter(function (part) { return part !== ""; }).join(", ");
}

function seedAxes() {
  return range(report.axes.length).filter(function (axis) {
    return report.axes[axis].name === "seed" || report.axes[axis].name === "data_seed";
  });
}
