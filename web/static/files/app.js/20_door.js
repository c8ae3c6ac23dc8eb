// The door: a device that is activated opens itself, and the page that was asked for
// is loaded again. Any other is told what the app is and how to activate it.
(() => {
  "use strict";
  const box = document.querySelector("[data-door]");
  if (!box) return;
  const show = (state) => claveApp.show(box, state);

  const enter = async () => {
    if (!claveDevice.able()) {
      show("unable");
      return;
    }
    const held = await claveDevice.read();
    if (!held) {
      show("welcome");
      return;
    }
    show("opening");
    const said = await claveApp.open(held, box.dataset.door);
    if (said.ok) {
      location.reload();
      return;
    }
    if (said.cause === "no_device") {
      await claveDevice.forget().catch(() => {}); // it opens nothing any more
      await claveDevice.disown(held.passkey).catch(() => {});
    }
    claveApp.tell(box, said);
  };
  for (const button of box.querySelectorAll("[data-again]")) button.addEventListener("click", () => location.reload());
  enter();
})();
