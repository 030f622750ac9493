// Before anything is painted: light or dark as Airflow's own UI has it (next-themes keeps it under "theme"), or as the
// system does. A change there is followed here.
(() => {
  const root = document.documentElement;
  const wanted = () => {
    let kept = null;
    try {
      kept = localStorage.getItem("theme");
    } catch (refused) {
      kept = null; // storage is closed to this page: the system decides
    }
    if (kept === "dark" || kept === "light") return kept;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  };
  const apply = () => { root.dataset.theme = wanted(); };
  apply();
  addEventListener("storage", apply);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  if (window.top !== window) root.dataset.framed = "";
})();
