// claveDevice is what a page of Cl@ve knows of the device that it is shown on: the
// device key, which never leaves this browser, and its passkeys. The app and the page
// of the login that uses them share it.
globalThis.claveDevice = {};

// Bytes travel as base64url without padding (RFC 4648 section 5), as WebAuthn's own
// JSON has them.
(() => {
  "use strict";
  claveDevice.encode = (buffer) => {
    let text = "";
    for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
    return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  claveDevice.decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
})();
