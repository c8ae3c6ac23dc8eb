// The device key: ECDSA over P-256, made by the browser, which signs with it and gives
// it to nobody. It lies in a database of this origin with the name that Cl@ve gave the
// device and the id of its passkey: {id, key, passkey}.
(() => {
  "use strict";
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const names = { database: "clave-movil", store: "device", entry: "this" };

  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  const open = () => {
    const request = indexedDB.open(names.database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(names.store);
    return settled(request);
  };

  const within = async (mode, act) => {
    const database = await open();
    try {
      const transaction = database.transaction(names.store, mode);
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
      const result = await settled(act(transaction.objectStore(names.store)));
      await done;
      return result;
    } finally {
      database.close();
    }
  };

  // read gives {id, key, passkey}; null when this browser holds none, or lets nobody look (some
  // private windows).
  claveDevice.read = async () => {
    try {
      return (await within("readonly", (store) => store.get(names.entry))) || null;
    } catch {
      return null;
    }
  };
  claveDevice.keep = (device) => within("readwrite", (store) => store.put(device, names.entry));
  claveDevice.forget = () => within("readwrite", (store) => store.delete(names.entry));

  // make gives a new pair; the private half cannot be taken out, nor can who reads the
  // database.
  claveDevice.make = () => crypto.subtle.generateKey(algorithm, false, ["sign"]);

  // published is the public half as SubjectPublicKeyInfo.
  claveDevice.published = async (pair) => claveDevice.encode(await crypto.subtle.exportKey("spki", pair.publicKey));

  // sign signs bytes; the signature is r and s, 32 bytes each.
  claveDevice.sign = async (key, bytes) =>
    claveDevice.encode(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, bytes));
})();
