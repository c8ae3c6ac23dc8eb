// The service worker shows a page without a connection, and what is pushed. Its address
// has the language, so that a change of language makes it anew.
(() => {
  "use strict";
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker
    .register("/movil/worker.js?lang=" + encodeURIComponent(document.documentElement.lang), { scope: "/movil", updateViaCache: "none" })
    .catch(() => {}); // some private windows have none; the app works without
})();
