// After a form came back with errors the summary takes the focus, and its links
// put the focus into the field.
(() => {
  "use strict";
  const summary = document.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
    const around = field.closest("fieldset, .field") || field;
    around.scrollIntoView({ block: "start" });
  });
})();
