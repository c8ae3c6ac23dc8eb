// The step of the activation that only the browser can take: it makes a device key and
// a passkey, and both sign.
(() => {
  "use strict";
  const form = document.querySelector("form[data-creation]");
  if (!form) return;
  const box = form.closest("[data-keys]");
  const button = form.querySelector("button");
  if (!claveDevice.able()) {
    claveApp.tell(box, { cause: "unable" });
    form.hidden = true;
    return;
  }
  if (PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable) {
    PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().then((there) => {
      box.querySelector("[data-no-lock]").hidden = there;
    });
  }

  const activate = async () => {
    claveApp.show(box, "");
    const options = JSON.parse(form.dataset.creation);
    const pair = await claveDevice.make();
    let response;
    try {
      response = await claveDevice.create(options);
    } catch (error) {
      claveApp.tell(box, { cause: claveApp.declined(error) });
      return;
    }
    const challenge = (options.publicKey || options).challenge;
    const said = await claveApp.ask("/movil/api/activate", {
      response,
      key: await claveDevice.published(pair),
      signature: await claveDevice.sign(pair.privateKey, claveDevice.decode(challenge)),
      name: form.elements.name.value,
    });
    if (!said.ok) {
      claveApp.tell(box, said);
      return;
    }
    await claveDevice.keep({ id: said.device, key: pair.privateKey, passkey: response.id });
    // Ask the browser not to clear the key when it needs room; it may say no.
    if (navigator.storage && navigator.storage.persist) await navigator.storage.persist().catch(() => false);
    location.assign(said.next);
  };
  form.addEventListener("submit", claveApp.busy(button, activate));
})();
