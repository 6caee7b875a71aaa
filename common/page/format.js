// Numbers and words as people read them.

const missing = "–";

function valueText(value) {
  if (value === null || value === undefined) return missing;
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : value;
}

function fraction(value, digits = 2) {
  return value === null || value === undefined ? missing : value.toFixed(digits);
}

function count(value) {
  return value.toLocaleString("en");
}

// "1 trial", "2 trials".
function counted(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function dateText(seconds) {
  if (seconds === null) return missing;
  return new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 19) + " UTC";
}

function durationText(seconds) {
  if (seconds === null) return missing;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
