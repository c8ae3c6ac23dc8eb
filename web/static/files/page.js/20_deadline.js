// The warning before a login or a session ends, with the button that extends it.
// The button works as a plain form; here it is sent in the background, so that
// what was typed stays.
(() => {
  "use strict";
  for (const box of document.querySelectorAll("[data-deadline]")) {
    const warn = Number(box.dataset.warn);
    const over = box.querySelector("[data-over]");
    const shown = box.querySelector("[data-left]");
    const form = box.querySelector("form");
    let end = Date.now() + Number(box.dataset.deadline) * 1000;
    let timer = 0;
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      if (left > warn) {
        box.hidden = true;
      } else {
        if (box.hidden) {
          box.hidden = false; // role=alert: it is spoken once, when it appears
        }
        if (shown) shown.textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
        if (left === 0) {
          if (over) over.hidden = false;
          for (const part of box.querySelectorAll("[data-before]")) part.hidden = true;
          return;
        }
      }
      timer = setTimeout(tick, left > warn ? Math.min((left - warn) * 1000, 30000) : 500);
    };
    if (form) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        fetch(form.action, {
          method: "POST",
          headers: { Accept: "application/json" },
          body: new URLSearchParams(new FormData(form)),
        })
          .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error("refused"))))
          .then((given) => {
            end = Date.now() + Number(given.seconds) * 1000;
            clearTimeout(timer);
            tick();
          })
          .catch(() => HTMLFormElement.prototype.submit.call(form));
      });
    }
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        clearTimeout(timer);
        tick();
      }
    });
    tick();
  }
})();
