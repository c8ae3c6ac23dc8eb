package movil

import (
	"strings"
	"testing"

	"clave/notify/gsm7"
	"clave/web/lang"
)

func TestNoticesFitIntoOneMessage(t *testing.T) {
	t.Parallel()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	notices := NewNotices(texts, "060")
	for _, l := range lang.All() {
		for _, notice := range []string{noticeAdded, noticeRemoved, noticeDisowned} {
			body := notices.sms(l, notice)
			if n := gsm7.Septets(body); n > gsm7.SegmentSeptets || !gsm7.Fits(body) {
				t.Errorf("%s in %s has %d characters, or some that phones lack: %q", notice, l, n, body)
			}
			if notice == noticeAdded && !strings.Contains(body, "060") {
				t.Errorf("%s in %s does not say where to turn: %q", notice, l, body)
			}
		}
	}
}
