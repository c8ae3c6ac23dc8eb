// Package movil is the method Cl@ve Móvil: a citizen proves to hold an activated
// device, and to have unlocked it, for one login that they see in a browser.
//
//	browser                               device (package app shows it)
//
//	ask ──── QR, or document and datum ──► claim · or found when the app is opened
//	show organisation, digits, time        compare the digits · or type them
//	watch ◄──────── approved ───────────── passkey and device key sign the challenge
//	finish
//	  │
//	  ▼
//	broker
//
// A device has two keys. The passkey proves the citizen, who unlocks it; it may be
// copied to other devices by whoever made the device. The device key is made by the
// browser, cannot be taken out of it, and proves that it is this device. Both sign one
// challenge, which is bound to login, relying party and digits.
//
// What the device decides is kept with the request and proves nothing to the broker
// yet: only the browser that holds the login spends it, once, in the transaction that
// gives the broker its evidence. So an approval that somebody else was lured into
// goes to the browser that asked, and docs/threats.md says what that leaves open.
//
// On a device that is itself the browser nothing is compared: the keys sign there
// (here.go), and the origin that the passkey signs is what no relay can change.
package movil
