// The table: a row per configuration and loss, over all its seeds.

const narrowTable = matchMedia("(max-width: 900px)");  // as in report.css: rows are cards there
const tableState = {sort: null, descending: true, limit: narrowTable.matches ? 12 : 100};

const tableColumns = [
  ...report.table.axes.map((axis, index) => ({
    key: `axis-${index}`, label: report.axes[axis].label, name: report.axes[axis].name, heading: true,
    value: (row) => report.axes[axis].values[row.axes[index]], text: valueText, order: (row) => row.axes[index],
  })),
  {key: "loss", label: "loss", name: "loss", heading: true,
    value: (row) => report.treatments[row.treatment].label, text: (value) => value, order: (row) => row.treatment},
  measureColumn("trials", "trials", "measured trials, all seeds", count),
  measureColumn("initial_max_guess", "initial max guess", "largest guess fraction at step 0, median", fraction, true),
  measureColumn("final_max_guess", "final max guess", "largest guess fraction at the last step, median", fraction, true),
  measureColumn("initial_prob", "favoured, initial", "mean probability of the favoured class at step 0, median", fraction, true),
  measureColumn("final_prob", "favoured, final", "mean probability of the favoured class at the last step, median", fraction, true),
  measureColumn("above_chance", "classes recovered", "classes with recall above chance at the last step, median", valueText),
  measureColumn("accuracy", "final accuracy", "accuracy at the last step, median", fraction, true),
  measureColumn("diverged", "diverged", "trials that diverged; they are left out of the final medians", count),
  measureColumn("failed", "failed", "trials that failed", count),
].filter((column) => column.name !== "failed" || report.table.rows.some((row) => row.failed > 0));

function measureColumn(name, label, title, text, bar = false) {
  return {key: name, label, name, title, bar, value: (row) => row[name], text, order: (row) => row[name] ?? -1};
}

function sortedRows() {
  const rows = [...report.table.rows];
  const column = tableColumns.find((candidate) => candidate.key === tableState.sort);
  if (!column) return rows;
  const sign = tableState.descending ? -1 : 1;
  return rows.sort((a, b) => sign * (column.order(a) - column.order(b)));
}

function tableCell(column, row) {
  const value = column.value(row);
  const cell = element(column.heading ? "th" : "td",
    {scope: column.heading ? "row" : null, class: column.key === "loss" ? "loss" : column.heading ? null : "number", "data-label": column.label},
    element("span", {}, column.text(value)));
  if (column.bar && value !== null) {
    cell.classList.add("bar");
    cell.style.setProperty("--share", value.toFixed(4));
  }
  if ((column.key === "diverged" || column.key === "failed") && value > 0) cell.classList.add("warning");
  return cell;
}

function sortBy(key) {
  if (tableState.sort === key) tableState.descending = !tableState.descending;
  else [tableState.sort, tableState.descending] = [key, !key.startsWith("axis-") && key !== "loss"];
  drawTable();
  byId("sweep-table").querySelector(`[data-key="${key}"]`)?.focus();
}

function tableHead() {
  const head = element("tr");
  for (const column of tableColumns) {
    const sorted = tableState.sort === column.key;
    const button = element("button", {type: "button", title: column.title ?? null, "data-key": column.key},
      column.label, sorted ? element("span", {"aria-hidden": "true"}, tableState.descending ? " ▼" : " ▲") : "");
    button.addEventListener("click", () => sortBy(column.key));
    head.append(element("th", {
      scope: "col", class: column.heading ? null : "number",
      "aria-sort": sorted ? (tableState.descending ? "descending" : "ascending") : "none",
    }, button));
  }
  return element("thead", {}, head);
}

function drawTable() {
  const rows = sortedRows();
  const body = element("tbody");
  let before = null;
  for (const row of rows.slice(0, tableState.limit)) {
    // As in the sweep, the losses of one configuration stand together.
    const same = tableState.sort === null && before !== null && String(before.axes) === String(row.axes);
    body.append(element("tr", {class: same ? "same" : null}, ...tableColumns.map((column) => tableCell(column, row))));
    before = row;
  }
  byId("sweep-table").replaceChildren(
    element("caption", {class: "visually-hidden"}, "A row per configuration and loss, over all its seeds"),
    tableHead(), body);
  const more = byId("table-more");
  more.hidden = rows.length <= tableState.limit;
  more.textContent = `Show all ${count(rows.length)} rows`;
}

function tableRows() {
  return [tableColumns.map((column) => column.name),
    ...sortedRows().map((row) => tableColumns.map((column) => column.value(row)))];
}

function startTable() {
  const table = report.table;
  if (table.rows.length === 0) {
    byId("table-lead").textContent = "No trial has started yet.";
    byId("table-csv").hidden = true;
    return;
  }
  byId("table-lead").textContent =
    "A row per configuration and loss; numbers are medians over its seeds. A class is recovered when its recall at " +
    "the last step is above chance. Press a heading to sort.";
  byId("table-controls").append(selector("sort by",
    [["", "– (as in the sweep)"], ...tableColumns.map((column) => [column.key, column.label])], "",
    (key) => {
      tableState.sort = null;
      if (key === "") drawTable();
      else sortBy(key);
    }));
  if (table.rows.length < table.total) {
    byId("table-note").textContent =
      `The page shows ${count(table.rows.length)} of ${count(table.total)} rows, the most biased ones; the database has all.`;
  }
  byId("table-more").addEventListener("click", () => {
    tableState.limit = Infinity;
    drawTable();
  });
  savesCsv(byId("table-csv"), "table", tableRows);
  drawTable();
}
