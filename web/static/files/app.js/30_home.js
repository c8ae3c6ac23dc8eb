// The start: what waits and the PINs, asked for every ten seconds while somebody
// looks.
(() => {
  "use strict";
  const box = document.querySelector("[data-now]");
  if (!box) return;
  const every = Number(box.dataset.now) * 1000;
  const waiting = box.querySelector("[data-waiting]");
  const list = box.querySelector("[data-pins]");
  const none = box.querySelector("[data-none]");
  const status = box.querySelector("[data-said]");
  const card = box.querySelector("template");
  const shown = new Map(); // id → {card, end}
  let timer = 0;

  const pad = (n) => String(n).padStart(2, "0");
  const say = (text) => {
    status.textContent = "";
    setTimeout(() => (status.textContent = text), 50); // the same words are read again
  };

  const add = (pin) => {
    const part = card.content.firstElementChild.cloneNode(true);
    part.querySelector("[data-service]").textContent = pin.service;
    part.querySelector("[data-sent]").textContent = pin.sent;
    part.querySelector("[data-pin]").textContent = pin.pin;
    const copy = part.querySelector("[data-copy]");
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(pin.pin);
        say(copy.dataset.copied);
      } catch {
        say(copy.dataset.copy);
      }
    });
    list.append(part);
    shown.set(pin.id, { part, end: 0 });
    say(list.dataset.pins);
  };

  const tick = () => {
    for (const [id, { part, end }] of shown) {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      part.querySelector("[data-left]").textContent = Math.floor(left / 60) + ":" + pad(left % 60);
      if (left === 0) {
        part.remove();
        shown.delete(id);
      }
    }
    none.hidden = shown.size > 0;
  };

  const refresh = async () => {
    clearTimeout(timer);
    if (document.hidden) return;
    const said = await claveApp.call("/movil/api/now");
    claveApp.show(box, said.ok ? "" : said.cause === "offline" ? "offline" : "failed");
    if (said.ok) {
      if (said.request && waiting.hidden) say(waiting.dataset.waiting);
      waiting.hidden = !said.request;
      waiting.querySelector("[data-service]").textContent = said.request || "";
      const ids = new Set(said.pins.map((pin) => pin.id));
      for (const [id, { part }] of shown) {
        if (ids.has(id)) continue;
        part.remove();
        shown.delete(id);
      }
      for (const pin of said.pins) {
        if (!shown.has(pin.id)) add(pin);
        shown.get(pin.id).end = Date.now() + pin.seconds * 1000;
      }
      tick();
    }
    timer = setTimeout(refresh, every);
  };

  document.addEventListener("visibilitychange", refresh);
  window.addEventListener("online", refresh);
  if (navigator.serviceWorker) navigator.serviceWorker.addEventListener("message", refresh); // something was pushed
  setInterval(tick, 1000);
  refresh();
})();
