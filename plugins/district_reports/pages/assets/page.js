// What the pages add to plain HTML; without it every page still reads and every form still works.
(() => {
  const framed = window.top !== window;

  // Airflow shows the pages in a frame that may not open windows or leave itself. The window around it is ours as well,
  // so it is asked to go there itself.
  const openOutside = (href, inNewTab) => {
    const outside = window.parent.document;
    const link = outside.createElement("a");
    link.href = href;
    if (inNewTab) { link.target = "_blank"; link.rel = "noopener"; }
    outside.body.appendChild(link);
    link.click();
    link.remove();
  };
  for (const link of document.querySelectorAll("a[data-outside], a[data-own-window]")) {
    link.addEventListener("click", (event) => {
      if (!framed) return;
      event.preventDefault();
      openOutside(link.href, link.hasAttribute("data-own-window"));
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

  // Asked once more before something is changed.
  for (const form of document.querySelectorAll("form[data-confirm]")) {
    const dialog = document.getElementById(form.dataset.confirm);
    form.addEventListener("submit", (event) => {
      if (!dialog || form.dataset.sure) return;
      event.preventDefault();
      dialog.showModal();
      dialog.addEventListener("close", () => {
        if (dialog.returnValue === "yes") { form.dataset.sure = "yes"; form.requestSubmit(); }
      }, { once: true });
    });
  }

  // One box ticks all those that belong to a form.
  for (const every of document.querySelectorAll("input[data-ticks]")) {
    const boxes = [...document.getElementById(every.dataset.ticks).elements].filter((each) => each.type === "checkbox");
    every.hidden = false;
    every.addEventListener("change", () => boxes.forEach((each) => { each.checked = every.checked; }));
  }

  // What a field holds, for the clipboard; without https there is no navigator.clipboard, so the field itself is copied.
  for (const button of document.querySelectorAll("button[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      const copied = await (navigator.clipboard?.writeText(field.value).then(() => true) ?? Promise.reject())
        .catch(() => document.execCommand("copy"));
      if (copied) button.textContent = button.dataset.copied;
    });
  }

  // Tables sorted by a header: the columns of numbers by the number with which a cell begins, what is missing last.
  const figure = /^(<?)\s*([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/;
  const worth = (row, column, numeric) => {
    const cell = row.cells[column];
    const shown = (cell.dataset.sort ?? cell.textContent).trim();
    if (!numeric) return shown;
    const found = shown.replace(/,/g, "").replace("\u2212", "-").match(figure);
    // A little is more than nothing, and less than what it is said to be less than.
    return found ? Number(found[2]) / (found[1] ? 2 : 1) : "";
  };
  const missing = (value) => value === "" || value === "–";
  const compare = (left, right, numeric) => (numeric ? left - right : left.localeCompare(right, "zh-CN", { numeric: true }));
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const numeric = head.classList.contains("number");
        const rows = [...body.rows].sort((a, b) => {
          const [left, right] = [worth(a, column, numeric), worth(b, column, numeric)];
          if (missing(left) || missing(right)) return missing(left) - missing(right);
          return down ? -compare(left, right, numeric) : compare(left, right, numeric);
        });
        body.append(...rows);
      });
    });
  }
})();
