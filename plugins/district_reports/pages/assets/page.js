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

  // Tables sorted by a header: numbers as numbers, what is missing last.
  const worth = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort ?? cell.textContent.trim();
  };
  const compare = (left, right) => {
    if (left === right) return 0;
    if (left === "" || left === "–") return 1;
    if (right === "" || right === "–") return -1;
    const a = Number(left), b = Number(right);
    return Number.isNaN(a) || Number.isNaN(b) ? left.localeCompare(right, "zh-CN") : a - b;
  };
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
        const rows = [...body.rows].sort((a, b) => {
          const [left, right] = [worth(a, column), worth(b, column)];
          const missing = (text) => text === "" || text === "–";
          return missing(left) || missing(right) || !down ? compare(left, right) : -compare(left, right);
        });
        body.append(...rows);
      });
    });
  }
})();
