// The service worker of the app: a page where there is no connection, and words of
// ours when something is pushed. It keeps nothing of anybody: pages with personal data
// are never in its cache.
"use strict";
const settings = SETTINGS;
const kept = ["clave-movil", settings.lang, ...settings.files].join(" ");

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(kept);
      await cache.addAll([new Request(settings.offline, { credentials: "omit" }), ...settings.files]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("clave-movil ") && name !== kept) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(settings.offline)));
  } else if (settings.files.includes(new URL(request.url).pathname)) {
    event.respondWith(caches.match(request).then((found) => found || fetch(request)));
  }
});

// What is pushed says only of what kind it is; whatever else it may be is a notice.
self.addEventListener("push", (event) => {
  let kind = "notice";
  try {
    kind = event.data.json().kind;
  } catch {
    // no JSON: a notice
  }
  const known = Object.hasOwn(settings.texts, kind) ? kind : "notice";
  const words = settings.texts[known];
  event.waitUntil(
    (async () => {
      await self.registration.showNotification(words.title, {
        body: words.body,
        lang: settings.lang,
        icon: settings.icon,
        tag: known, // a later one of its kind takes its place
        renotify: true,
      });
      for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage(known);
    })(),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const open = await self.clients.matchAll({ type: "window" });
      const app = open.find((client) => new URL(client.url).pathname === "/movil");
      if (app) await app.focus();
      else await self.clients.openWindow("/movil");
    })(),
  );
});
