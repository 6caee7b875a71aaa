// What all charts share: colours out of the style sheet, size and colour scheme kept up to date.

const charts = [];
const seriesColours = 10;  // --series-0 … of the style sheet

function styleValue(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function theme() {
  return {
    text: styleValue("--text"),
    muted: styleValue("--muted"),
    line: styleValue("--line"),
    faint: styleValue("--faint"),
    surface: styleValue("--surface"),
    series: Array.from({length: seriesColours}, (_, slot) => styleValue(`--series-${slot}`)),
    font: getComputedStyle(document.body).fontFamily,
  };
}

// Draws `option(theme())` into `container` now, and again whenever size or colours change. The
// chart is an image to assistive technology, so `container` needs an aria-label. Pages whose policy
// forbids style attributes draw with "canvas".
function makeChart(container, option, renderer = "svg") {
  container.setAttribute("role", "img");
  const chart = echarts.init(container, null, {renderer});
  const entry = {
    chart,
    draw: () => chart.setOption(option(theme()), {notMerge: true}),
    remove: () => {
      charts.splice(charts.indexOf(entry), 1);
      chart.dispose();
    },
  };
  charts.push(entry);
  entry.draw();
  return entry;
}

function baseOption(colours) {
  return {
    animation: false,
    backgroundColor: "transparent",
    textStyle: {fontFamily: colours.font, color: colours.text},
  };
}

function axisStyle(colours) {
  return {
    axisLine: {show: false},
    axisTick: {show: false},
    splitLine: {lineStyle: {color: colours.faint}},
    axisLabel: {color: colours.muted, fontSize: 12},
    nameTextStyle: {color: colours.muted, fontSize: 12},
  };
}

function tooltipStyle(colours) {
  return {
    confine: true,
    backgroundColor: colours.surface,
    borderColor: colours.line,
    padding: [8, 10],
    textStyle: {color: colours.text, fontSize: 12},
  };
}

// A tooltip's content: a heading and rows of [colour, name, value].
function tooltipElement(heading, rows) {
  const body = element("table", {class: "tooltip"});
  for (const [colour, name, value] of rows) {
    const swatch = element("span", {class: "swatch"});
    swatch.style.background = colour;
    body.append(element("tr", {}, element("td", {}, swatch, name), element("td", {}, value)));
  }
  return element("div", {}, element("strong", {}, heading), body);
}

function redrawCharts() {
  for (const entry of charts) {
    entry.chart.resize();
    entry.draw();
    entry.chart.getZr().flush();
  }
}

function watchSurroundings() {
  new ResizeObserver(() => charts.forEach((entry) => entry.chart.resize())).observe(document.body);
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", redrawCharts);
  }
}
