// plot(request, report) draws one chart as SVG, without a browser: all of this folder is ECMAScript 5,
// which is what Duktape runs. `request` is what plot.cc asks for.

function plot(request, whole) {
  report = whole;
  var drawing = {"trajectories": drawTrajectories, "initial-bias": drawInitialBias, "heat-map": drawHeatMap}[request.chart](request);
  var option = drawing.option;
  option.animation = false;
  option.backgroundColor = colours.surface;
  option.textStyle = {fontFamily: font, color: colours.text};
  option.title.forEach(function (title, index) {
    if (index === 0) title.textStyle = {color: colours.text, fontSize: 16, fontWeight: "bold"};
    title.subtextStyle = {color: colours.muted, fontSize: 12};
  });
  var chart = echarts.init(null, null, {renderer: "svg", ssr: true, width: request.width, height: drawing.height});
  chart.setOption(option);
  // Not every program that shows SVG knows dominant-baseline.
  return chart.renderToSVGString().replace(/dominant-baseline="central"/g, 'dy="0.35em"');
}
