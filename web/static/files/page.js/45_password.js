// A password can be looked at while it is typed, and its rules tell which of them it
// keeps. Without this script the button is not there and the rules are a plain list.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("button[data-reveals]")) {
    const field = document.getElementById(button.dataset.reveals);
    const show = button.textContent;
    const set = (shown) => {
      field.type = shown ? "text" : "password";
      button.textContent = shown ? button.dataset.hide : show;
    };
    button.hidden = false;
    button.addEventListener("click", () => set(field.type === "password"));
    // Browsers keep what text fields held; a password is not to be among it.
    if (field.form) field.form.addEventListener("submit", () => set(false));
  }
  const kept = {
    length: (text) => [...text].length >= 8,
    groups: (text) =>
      [...text].length >= 16 ||
      [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u].filter((group) => group.test(text)).length >= 3,
  };
  for (const list of document.querySelectorAll("[data-rules-of]")) {
    const field = document.getElementById(list.dataset.rulesOf);
    field.addEventListener("input", () => {
      for (const line of list.querySelectorAll("[data-rule]")) {
        const met = kept[line.dataset.rule](field.value);
        line.classList.toggle("met", met);
        line.querySelector("[data-met]").hidden = !met;
      }
    });
  }
})();
