// Approving: the passkey signs, which unlocks the device, and the device key signs the
// same bytes.
(() => {
  "use strict";
  const form = document.querySelector("form[data-approve]");
  if (!form) return;
  const box = form.closest("[data-request]");
  const button = form.querySelector("button");

  const approve = async () => {
    claveApp.show(box, "");
    const held = await claveDevice.read();
    if (!held) {
      location.assign("/movil");
      return;
    }
    const options = JSON.parse(form.dataset.approve);
    let response;
    try {
      response = await claveDevice.get(options);
    } catch (error) {
      claveApp.tell(box, { cause: claveApp.declined(error) });
      return;
    }
    const challenge = claveDevice.decode((options.publicKey || options).challenge);
    const said = await claveApp.call("/movil/api/approve", {
      request: form.elements.request.value,
      response,
      signature: await claveDevice.sign(held.key, challenge),
    });
    if (said.ok) location.assign(said.next);
    else claveApp.tell(box, said);
  };
  form.addEventListener("submit", claveApp.busy(button, approve));
})();
