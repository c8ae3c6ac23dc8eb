// Package app is the app Cl@ve Móvil: a web app that citizens install on their phones,
// served at /movil. It shows what waits, lets its device approve or deny it, activates
// devices and keeps their settings; what any of that means is decided in package movil.
//
//	browser without a key ──► door: what this is · activate (SMS, certificate) · register
//	browser with a key ─────► door: the key signs ──► session cookie ──► any page
//
// Every page is made here and works by forms. The scripts (web/static/files/app.js)
// add what only the device can do: keys, passkeys, camera, notifications, and the JSON
// under /movil/api that these need. Pages behind route.Device need the session that the
// device key opened: whoever has the cookie alone reads for a quarter of an hour, and
// approves nothing.
//
// The service worker shows a page where there is no connection, and words of ours when
// something is pushed: what is pushed says only of what kind it is.
package app
