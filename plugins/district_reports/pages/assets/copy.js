// Takes a table or a picture along by the clipboard. The buttons are shown where a browser can do it.
(() => {
  const named = new Map();
  const tell = (button, word) => {
    if (!named.has(button)) named.set(button, [...button.childNodes]);
    button.replaceChildren(word);
    window.setTimeout(() => button.replaceChildren(...named.get(button)), 3000);
  };

  // A cell that Excel would run is a text, as in the files; numbers go without what stands between their digits.
  const said = (cell) => {
    if (cell.dataset.sort !== undefined && cell.dataset.sort !== "") return cell.dataset.sort;
    const copy = cell.cloneNode(true);
    for (const mark of copy.querySelectorAll("sup, .partial")) mark.remove();
    const text = copy.textContent.replace(/\s+/g, " ").trim();
    return /^[=+\-@|]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  };
  const tabbed = (table) => [...table.rows].map((row) => [...row.cells].map(said).join("\t")).join("\n");

  // Without https a page may not write to the clipboard by itself; a selection can be copied all the same.
  const copyText = async (text) => {
    if (navigator.clipboard?.writeText) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("not copied");
  };
  for (const button of document.querySelectorAll("[data-copy-table]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await copyText(tabbed(document.getElementById(button.dataset.copyTable)));
        tell(button, button.dataset.copied);
      } catch { tell(button, button.dataset.failed); }
    });
  }

  const drawn = (address) => new Promise((resolve, reject) => {
    const image = new Image();
    image.addEventListener("error", () => reject(new Error("no picture")));
    image.addEventListener("load", () => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      canvas.getContext("2d").drawImage(image, 0, 0);
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
    });
    image.src = address;
  });
  if (!navigator.clipboard?.write || !window.ClipboardItem) return;
  for (const button of document.querySelectorAll("[data-copy-image]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        // A promise, so that the click still counts when the picture has come.
        await navigator.clipboard.write([new ClipboardItem({ "image/png": drawn(button.dataset.copyImage) })]);
        tell(button, button.dataset.copied);
      } catch { tell(button, button.dataset.failed); }
    });
  }
})();
