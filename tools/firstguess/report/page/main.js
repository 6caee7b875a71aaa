drawCounts();
drawSetting();
startTrajectories();
startInitialBias();
startHeatMap();
startMultiples();
startTable();
drawProvenance();
watchSurroundings();
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => event.preventDefault());
}
