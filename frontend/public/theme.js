// Sets the chosen theme and the share of the panes before the first paint, so that nothing flashes or moves. It is a
// separate file, because the Content-Security-Policy allows no inline script.
try {
  const chosen = localStorage.getItem("gavel.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  const share = Number(localStorage.getItem("gavel.split.solving"));
  if (share > 0) document.documentElement.style.setProperty("--first-share", `${share}%`);
} catch {
  // Storage is closed (private window): the system's preference stays.
}
