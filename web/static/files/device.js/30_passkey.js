// Passkeys: WebAuthn's options come from Cl@ve in the JSON of the standard, and the
// answers go back in it. Not every browser has parse…FromJSON and toJSON yet, so both
// are written out here, for what Cl@ve uses.
// Source: W3C Web Authentication Level 3, sections 5.1.8 to 5.1.10.
(() => {
  "use strict";
  const { encode, decode } = claveDevice;

  const listed = (credentials) => (credentials || []).map((c) => ({ ...c, id: decode(c.id) }));

  const given = (credential, response) => ({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });

  // create makes a passkey. It rejects as navigator.credentials.create does:
  // NotAllowedError when the person said no, InvalidStateError when the device has one.
  claveDevice.create = async (options) => {
    const o = options.publicKey || options;
    const credential = await navigator.credentials.create({
      publicKey: {
        ...o,
        challenge: decode(o.challenge),
        user: { ...o.user, id: decode(o.user.id) },
        excludeCredentials: listed(o.excludeCredentials),
      },
    });
    const r = credential.response;
    return given(credential, {
      clientDataJSON: encode(r.clientDataJSON),
      attestationObject: encode(r.attestationObject),
      transports: r.getTransports ? r.getTransports() : [],
    });
  };

  // get signs with a passkey. signal stops it.
  claveDevice.get = async (options, signal) => {
    const o = options.publicKey || options;
    const credential = await navigator.credentials.get({
      publicKey: { ...o, challenge: decode(o.challenge), allowCredentials: listed(o.allowCredentials) },
      signal,
    });
    const r = credential.response;
    return given(credential, {
      clientDataJSON: encode(r.clientDataJSON),
      authenticatorData: encode(r.authenticatorData),
      signature: encode(r.signature),
      userHandle: r.userHandle ? encode(r.userHandle) : undefined,
    });
  };

  // disown has the device forget a passkey that Cl@ve does not know any more, so that
  // nobody is offered it, where the browser can do that.
  claveDevice.disown = async (passkey) => {
    if (!passkey || !window.PublicKeyCredential || !PublicKeyCredential.signalUnknownCredential) return;
    await PublicKeyCredential.signalUnknownCredential({ rpId: location.hostname, credentialId: passkey });
  };

  // able tells whether this browser can be asked for passkeys at all.
  claveDevice.able = () => Boolean(window.PublicKeyCredential && navigator.credentials && window.crypto && crypto.subtle && window.indexedDB);
})();
