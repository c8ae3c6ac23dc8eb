// Codes are typed and pasted with spaces and hyphens; take them out before
// maxlength would cut the end off. The server does the same.
(() => {
  "use strict";
  for (const field of document.querySelectorAll("input[data-code]")) {
    const tidy = (text) => text.replace(/[\s\u00a0.\-\u2010-\u2015]/g, "");
    field.addEventListener("paste", (event) => {
      const text = event.clipboardData && event.clipboardData.getData("text");
      if (!text) return;
      event.preventDefault();
      const limit = field.maxLength > 0 ? field.maxLength : undefined;
      field.setRangeText(tidy(text), field.selectionStart, field.selectionEnd, "end");
      field.value = field.value.slice(0, limit);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    if (field.form) {
      field.form.addEventListener("submit", () => {
        field.value = tidy(field.value);
      });
    }
  }
})();
