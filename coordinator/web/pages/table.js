// Tables that are drawn anew as a whole, and keep the keyboard where it was.

// `columns`: {name, number, cell(row)}; a cell is text or nodes. `keyOf(row)` names a row for the
// keyboard's sake.
function drawTable(table, columns, rows, keyOf, decorate = () => {}) {
  const focused = table.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const head = element("tr", {}, ...columns.map((column) =>
    element("th", {scope: "col", class: column.number ? "number" : null}, column.name)));
  const body = rows.map((row) => {
    const line = element("tr", {"data-row": keyOf(row)}, ...columns.map((column, index) => {
      const content = column.cell(row);
      return element(index === 0 ? "th" : "td",
        {scope: index === 0 ? "row" : null, "data-label": column.name, class: column.number ? "number" : column.class},
        ...(Array.isArray(content) ? content : [content]));
    }));
    decorate(line, row);
    return line;
  });
  table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...body));
  if (focused) table.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}
