package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// Anybody checks a receipt: of a citizen who just registered with a letter, and of
// nobody.
func TestVerify(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{
		{language: "es", width: 320}, {language: "en", width: 1280}, {language: "eu", width: 320, noScript: true},
	} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			b.open("/verify")
			b.look("verify", "fresh")
			for typed, state := range map[string]string{"": "missing", "ABCD-0000": "wrong", "ABCD-EFGH-JKLM-NPQR": "unknown"} {
				b.open("/verify")
				if typed != "" {
					b.fill("#code", typed)
				}
				b.arrive("/verify", b.activate(goOn))
				b.look("verify", state)
			}
			code := b.registerQuietly()
			b.open("/verify")
			b.fill("#code", code)
			b.arrive("/verify", b.activate(goOn))
			b.look("verify-found", "no-copy")

			if !ask[bool](b, "fetch('/register/letter/receipt').then(answer => answer.ok)") {
				t.Error("no copy was handed out")
			}
			b.open("/verify?code=" + code)
			b.look("verify-found", "fresh")
			b.arrive("/verify", b.activate("main form .button"))
			b.look("verify-found", "no-file")
			other := filepath.Join(t.TempDir(), "other.pdf")
			if err := os.WriteFile(other, []byte("%PDF-1.4 another"), 0o600); err != nil {
				t.Fatal(err)
			}
			b.do(chromedp.SetUploadFiles("#file", []string{other}))
			b.arrive("/verify", b.activate("main form .button"))
			b.look("verify-found", "another-file")
		})
	}
}

// registerQuietly registers a citizen with a letter and gives the receipt's code.
func (b *tab) registerQuietly() string {
	b.t.Helper()
	const at = "/register/letter"
	b.open(at)
	b.enterDocument(newDocument, at+"/*")
	b.enterContrast(newValidity, at+"/choice")
	b.chooseLetter("send", at+"/requested")
	b.arrive(at+"/choice", b.activate("main > p a"))
	b.chooseLetter("have", at+"/code")
	b.fill("#code", b.nthPIN(newName, 1))
	b.arrive(at+"/contact", b.activate(goOn))
	b.do(b.click("label[for=conditions]"))
	b.enterContact(newPhone, newPhone, at+"/sms")
	b.fill("#sms", b.nthPIN("+34"+newPhone, 1))
	b.arrive(at+"/done", b.activate(goOn))
	return ask[string](b, "document.querySelector('.summary-list .code').textContent")
}
