// Notifications: the browser subscribes with its maker's push service, and Cl@ve is
// told where.
(() => {
  "use strict";
  const box = document.querySelector("[data-push]");
  if (!box) return;
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window && box.dataset.push !== "";
  const [on, off] = [box.querySelector("[data-on]"), box.querySelector("[data-off]")];

  const subscription = async () => {
    const worker = await navigator.serviceWorker.ready;
    return worker.pushManager.getSubscription();
  };
  const stand = async () => {
    if (!able) {
      claveApp.show(box, "unsupported");
      return;
    }
    const subscribed = box.dataset.subscribed === "true" && Notification.permission === "granted" && (await subscription());
    on.hidden = Boolean(subscribed);
    off.hidden = !subscribed;
    claveApp.show(box, Notification.permission === "denied" ? "forbidden" : subscribed ? "on" : "off");
  };

  const subscribe = async () => {
    if ((await Notification.requestPermission()) !== "granted") return stand();
    let made;
    try {
      const worker = await navigator.serviceWorker.ready;
      made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: claveDevice.decode(box.dataset.push) });
    } catch {
      claveApp.tell(box, { cause: "unreachable" });
      return;
    }
    const { endpoint, keys } = made.toJSON();
    const said = await claveApp.call("/movil/api/push", { endpoint, p256dh: keys.p256dh, auth: keys.auth });
    if (!said.ok) {
      await made.unsubscribe();
      claveApp.tell(box, said);
      return;
    }
    box.dataset.subscribed = "true";
    await stand();
    off.focus();
  };
  const unsubscribe = async () => {
    const made = await subscription();
    const said = await claveApp.call("/movil/api/push/off", {});
    if (!said.ok) {
      claveApp.tell(box, said);
      return;
    }
    if (made) await made.unsubscribe();
    box.dataset.subscribed = "false";
    await stand();
    on.focus();
  };
  on.addEventListener("click", claveApp.busy(on, subscribe));
  off.addEventListener("click", claveApp.busy(off, unsubscribe));
  stand();
})();
