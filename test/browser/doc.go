// Package browser walks the product in a real browser: headless Chromium, the
// real binary in its sandbox, a relying party on another site.
//
//	login_test.go      the whole login: two languages, two widths, by mouse
//	keyboard_test.go   the same by Tab and Enter alone
//	noscript_test.go   the same without JavaScript, also answered by a form
//	states_test.go     every page in every state that can be reached
//	clock_test.go      what the passing of time leads to, and pages that this build
//	                   cannot reach yet: in a workshop with a clock of ours
//	modes_test.go      dark, forced colours, six languages on a phone, large text
//	app_test.go        the app Cl@ve Móvil on a phone, beside the browser that logs in
//	habits_test.go     back, reload, two presses, two tabs, running out of time
//
// Whatever a test does, each page that it looks at is checked in the same way
// (look_test.go): axe finds nothing (WCAG 2.0 to 2.2 A and AA, best practice), one
// h1, the right language, "Error:" in the title if there is one, nothing wider
// than the window, less than 100 kB. And each tab is watched (watch_test.go):
// nothing asked of another site, nothing refused by the content policy, nothing on
// the console. Pictures of all pages go to test/output, named
// page-state-language-width.png, when somebody wants to see them: when tests are
// named by -run, or CLAVE_PICTURES is set. A tab that got lost has its picture always.
//
// axe comes from the npm registry (package.json beside this file):
//
//	npm ci --prefix test/browser
//
// or from the file that CLAVE_AXE names. Chromium is the one in the path, or the
// one that CLAVE_CHROMIUM names; CLAVE_TEST_BINARY names a binary to test instead of
// one built from the source.
package browser
