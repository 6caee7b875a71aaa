// Times and rates in words.

function agoText(seconds) {
  const past = Math.max(0, serverNow() - seconds);
  return past < 1.5 ? "now" : `${spanText(past)} ago`;
}

// About how long, in its largest unit or two.
function spanText(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) {
    const minutes = Math.round(seconds / 60);
    return minutes % 60 && seconds < 10 * 3600 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.round(seconds / 3600)} h`;
  }
  return `${Math.round(seconds / 86400)} days`;
}

// Trials a second, or a minute, or an hour: whatever is a number that people can picture.
function rateText(perSecond) {
  for (const [factor, unit] of [[1, "s"], [60, "min"], [3600, "h"]]) {
    const rate = perSecond * factor;
    if (rate >= 1 || unit === "h") return `${rate >= 100 ? count(Math.round(rate)) : Number(rate.toPrecision(2))} / ${unit}`;
  }
}

// "cross_entropy", "blurry, gamma 0.3": a value of an axis as the database has it.
function axisValueText(axis, value) {
  if (axis === "loss") {
    const brace = value.indexOf("{");
    if (brace < 0) return value;
    const parameters = Object.entries(JSON.parse(value.slice(brace)));
    return [value.slice(0, brace), ...parameters.map(([name, of]) => `${name} ${of}`)].join(", ");
  }
  const number = Number(value);
  return `${axis.replaceAll("_", " ")} ${value !== "" && !Number.isNaN(number) ? valueText(number) : value || missing}`;
}
