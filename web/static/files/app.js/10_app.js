// claveApp is the script of the app Cl@ve Móvil. The server makes the pages; what
// needs the device (its keys, its camera, its notifications) is here. All that people
// read stands in the page already, hidden, or comes from the server in their language.
globalThis.claveApp = {};

(() => {
  "use strict";
  const json = { "Content-Type": "application/json", Accept: "application/json" };

  // ask sends JSON and gives {ok, status, …what the server said}. Without a connection
  // it says {ok: false, cause: "offline"}; it does not throw.
  const ask = async (path, body) => {
    try {
      const answer = await fetch(path, body === undefined ? { headers: json } : { method: "POST", headers: json, body: JSON.stringify(body) });
      const said = (answer.headers.get("Content-Type") || "").startsWith("application/json") ? await answer.json() : {};
      return { cause: "failed", ...said, ok: answer.ok, status: answer.status };
    } catch {
      return { ok: false, status: 0, cause: "offline" };
    }
  };

  // open shows the server the device key; the server's cookie then holds for a while.
  claveApp.open = async (held, challenge) =>
    ask("/movil/open", {
      device: held.id,
      challenge,
      signature: await claveDevice.sign(held.key, new TextEncoder().encode(challenge)),
    });

  // call is ask for what only an open device may: when it is shut meanwhile, it opens
  // again, once, without a word.
  claveApp.call = async (path, body) => {
    const said = await ask(path, body);
    if (said.status !== 401 || !said.challenge) return said;
    const held = await claveDevice.read();
    const opened = held ? await claveApp.open(held, said.challenge) : { ok: false };
    if (opened.ok) return ask(path, body);
    location.assign("/movil"); // which says what has become of the device
    return said;
  };
  claveApp.ask = ask;

  // show makes one of a box's states visible, [data-state], and gives it.
  claveApp.show = (box, state) => {
    let shown = null;
    for (const part of box.querySelectorAll("[data-state]")) {
      part.hidden = part.dataset.state !== state;
      if (!part.hidden) shown = part;
    }
    return shown;
  };

  // tell shows why something did not happen: the server's words, or those that the
  // page has for the cause. The message takes the focus, so that it is read.
  claveApp.tell = (box, said) => {
    const part = claveApp.show(box, box.querySelector(`[data-state="${CSS.escape(said.cause)}"]`) ? said.cause : "failed");
    if (!part) return;
    const text = part.querySelector("[data-text]");
    if (text && said.text) text.textContent = said.text;
    part.tabIndex = -1;
    part.focus();
  };

  // declined tells what a browser means that made or used no passkey.
  claveApp.declined = (error) => {
    if (error.name === "InvalidStateError") return "there_already";
    if (error.name === "NotAllowedError" || error.name === "AbortError") return "declined";
    return "unable";
  };

  // busy keeps a button from being pressed twice while work is under way.
  claveApp.busy = (button, work) => async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      await work();
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
})();
