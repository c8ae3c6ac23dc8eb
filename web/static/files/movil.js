// The login with Cl@ve Móvil. Without this script the pages have a link that looks
// again and a button that goes on.

// The keys of this device, where the browser can be asked for them.
(() => {
  "use strict";
  const part = document.querySelector("[data-here]");
  if (!part || !globalThis.claveDevice || !claveDevice.able()) return;
  const form = part.querySelector("form");
  const failed = part.querySelector("[data-failed]");
  part.hidden = false;
  const held = claveDevice.read(); // now: a browser may want the press to be recent when it is asked

  // The passkey of an activated device is asked for by name, so that nobody has to tell
  // it from older ones. When that one is gone, the next press asks for any.
  let named = true;
  const asked = (device) => {
    const options = JSON.parse(form.dataset.options);
    if (!named || !device || !device.passkey) return options;
    return { ...(options.publicKey || options), allowCredentials: [{ type: "public-key", id: device.passkey }] };
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.asking) return;
    form.dataset.asking = "1";
    failed.hidden = true;
    try {
      const field = form.elements;
      const device = await held;
      field.response.value = JSON.stringify(await claveDevice.get(asked(device)));
      if (device) {
        field.device.value = device.id;
        field.signature.value = await claveDevice.sign(device.key, claveDevice.decode(field.challenge.value));
      }
      form.submit();
    } catch {
      named = false;
      failed.hidden = false; // role=status: it is spoken
    } finally {
      delete form.dataset.asking;
    }
  });
})();

// On a computer the QR comes at once: not for who comes back, whom it would keep here.
(() => {
  "use strict";
  const form = document.querySelector("form[data-at-once]");
  const [visit] = performance.getEntriesByType("navigation");
  const wide = matchMedia("(min-width: 48rem)").matches && !matchMedia("(pointer: coarse)").matches;
  if (form && wide && visit && visit.type === "navigate") form.requestSubmit();
})();

// The page that waits: it is told what changes, and asks now and then where no stream
// stays open.
(() => {
  "use strict";
  const box = document.querySelector("[data-watch]");
  if (!box) return;
  const path = box.querySelector(".qr path");
  const link = box.querySelector("[data-address]");
  box.querySelector("[data-refresh]").hidden = true;
  let done = false;
  const look = () => {
    if (done) return;
    done = true;
    location.replace(box.dataset.watch + "/wait");
  };
  const show = (state) => {
    if (state.stage !== box.dataset.stage) return look();
    if (state.qr && path) path.setAttribute("d", state.qr.path);
    if (state.address && link) link.href = state.address;
  };
  const ask = async () => {
    if (done) return;
    try {
      const answer = await fetch(box.dataset.watch + "/state", { headers: { Accept: "application/json" } });
      if (answer.redirected) return look(); // the login went on
      if (answer.ok) show(await answer.json());
    } catch {
      // The network is away: later then.
    }
    setTimeout(ask, 3000);
  };
  document.addEventListener("countdown-over", look);
  if (!window.EventSource) return void ask();
  const stream = new EventSource(box.dataset.watch + "/events");
  stream.addEventListener("message", (event) => show(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) ask();
  });
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => event.persisted && look());
})();
