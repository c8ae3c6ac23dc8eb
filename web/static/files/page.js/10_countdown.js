// A countdown that is seen each second and spoken rarely: screen readers hear it
// when it passes a whole minute, and at 30 and 10 seconds. The time comes from the
// clock, not from counting ticks, so a sleeping tab is right when it wakes.
(() => {
  "use strict";
  const pad = (n) => String(n).padStart(2, "0");
  for (const box of document.querySelectorAll("[data-countdown]")) {
    const end = Date.now() + Number(box.dataset.countdown) * 1000;
    const shown = box.querySelector("[data-shown]");
    const spoken = box.querySelector("[data-spoken]");
    let last = -1;
    const say = (left) => {
      if (!spoken) return;
      if (left === 0) spoken.textContent = box.dataset.over || "";
      else if (left === 60) spoken.textContent = box.dataset.minute;
      else if (left % 60 === 0) spoken.textContent = box.dataset.minutes.replace("{n}", left / 60);
      else if (left === 30 || left === 10) spoken.textContent = box.dataset.seconds.replace("{n}", left);
    };
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      if (left !== last) {
        last = left;
        if (shown) shown.textContent = Math.floor(left / 60) + ":" + pad(left % 60);
        box.classList.toggle("is-low", left <= 60);
        box.classList.toggle("is-over", left === 0);
        say(left);
      }
      if (left > 0) setTimeout(tick, 250);
      else box.dispatchEvent(new CustomEvent("countdown-over", { bubbles: true }));
    };
    tick();
  }
})();
