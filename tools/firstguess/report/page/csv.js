// Saving a chart's numbers. RFC 4180 with a heading; not measured is empty.

function csvField(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvText(rows) {
  return rows.map((row) => row.map(csvField).join(",") + "\r\n").join("");
}

// The button saves what `rows` returns at the time it is pressed.
function savesCsv(button, what, rows) {
  button.addEventListener("click", () => {
    const url = URL.createObjectURL(new Blob([csvText(rows())], {type: "text/csv"}));
    const link = element("a", {href: url, download: `${report.sweep.name}-${what}.csv`});
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
}
