// What the pages do better with a script, and do without one as well.
"use strict";

document.addEventListener("keydown", (event) => {
  // "/" goes to the search field, as people who search all day expect.
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = document.querySelector("[data-search]");
    if (field) {
      event.preventDefault();
      field.focus();
    }
  }
});

for (const label of document.querySelectorAll("label[data-scripted]")) {
  label.hidden = false; // what it offers takes this script
}

document.addEventListener("change", (event) => {
  // One box ticks all the boxes of its form that it names.
  const all = event.target.closest("[data-ticks]");
  if (all) {
    for (const box of all.form.elements[all.dataset.ticks] ? all.form.querySelectorAll(`[name="${all.dataset.ticks}"]`) : []) {
      box.checked = all.checked;
    }
  }
});

document.addEventListener("submit", (event) => {
  // A second click while the first is on its way sends nothing.
  if (event.target.method === "post") {
    if (event.target.dataset.sent) {
      event.preventDefault();
    }
    event.target.dataset.sent = "yes";
  }
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
  }
});
