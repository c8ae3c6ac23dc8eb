package notify_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clave/notify"
	"clave/notify/notifytest"
)

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		change func(*notify.Message)
	}{
		{"a kind that does not exist", func(m *notify.Message) { m.Kind = "fax" }},
		{"an SMS to something that is not a phone", func(m *notify.Message) { m.To = "600111222" }},
		{"a mail to something that is not an address", func(m *notify.Message) { m.Kind = notify.Mail }},
		{"a letter to nobody", func(m *notify.Message) { m.Kind, m.To = notify.Letter, "" }},
		{"no words", func(m *notify.Message) { m.Body = "" }},
		{"too many words", func(m *notify.Message) { m.Body = strings.Repeat("x", 32<<10+1) }},
		{"no purpose", func(m *notify.Message) { m.Purpose = "" }},
		{"a purpose that could hold a person's data", func(m *notify.Message) { m.Purpose = "PIN for 12345678Z" }},
		{"a subject that would add a mail header", func(m *notify.Message) { m.Subject = "hello\r\nBcc: all@example.com" }},
		{"no expiry", func(m *notify.Message) { m.ExpiresAt = time.Time{} }},
		{"what is expired already", func(m *notify.Message) { m.ExpiresAt = now }},
		{"what would wait for months", func(m *notify.Message) { m.ExpiresAt = now.Add(61 * 24 * time.Hour) }},
		{"a long key of replacement", func(m *notify.Message) { m.Replaces = strings.Repeat("x", 129) }},
		{"an id with odd characters", func(m *notify.Message) { m.ID = "a b" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store := notifytest.NewMemory()
			outbox := notify.NewOutbox(store, notifytest.NewSealer(), func() time.Time { return now })
			m := notify.Message{Kind: notify.SMS, Purpose: "pin", To: "+34600111222", Body: "K7M", ExpiresAt: now.Add(time.Minute)}
			c.change(&m)
			err := outbox.Send(t.Context(), m)
			if !errors.Is(err, notify.ErrMessage) {
				t.Fatalf("got %v, want ErrMessage", err)
			}
			if strings.Contains(err.Error(), "600111222") || strings.Contains(err.Error(), "K7M") || strings.Contains(err.Error(), "12345678Z") {
				t.Errorf("the error tells personal data: %v", err)
			}
			if store.Commits() != 0 {
				t.Error("it was stored all the same")
			}
		})
	}
}

func TestWhatIsStoredAndPrintedTellsNothingPersonal(t *testing.T) {
	t.Parallel()
	store := notifytest.NewMemory()
	outbox := notify.NewOutbox(store, notifytest.NewSealer(), time.Now)
	m := notify.Message{
		ID: "a", Kind: notify.Mail, Purpose: "notice", To: "maria@example.com", Subject: "Hello Maria", Body: "Your secret is K7M",
		Code: "K7M", ExpiresAt: time.Now().Add(time.Minute),
	}
	if err := outbox.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"the row":        fmt.Sprintf("%+v %s", store.Inspect("a"), store.Inspect("a").Sealed),
		"%v":             fmt.Sprintf("%v", m),
		"%+v":            fmt.Sprintf("%+v", m),
		"%#v":            fmt.Sprintf("%#v", m),
		"%+v in a slice": fmt.Sprintf("%+v", []notify.Message{m}),
		"a log value":    m.LogValue().String(),
	} {
		for _, personal := range []string{"maria", "Maria", "K7M", "secret"} {
			if strings.Contains(text, personal) {
				t.Errorf("%s holds %q", what, personal)
			}
		}
	}
}
