// The last step of a protocol that answers by a form: send it at once, the button
// is for browsers without scripts.
(() => {
  "use strict";
  const form = document.querySelector("form[data-post-on]");
  if (form) form.requestSubmit();
})();
