package sandbox

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"clave/notify"
)

func openInbox(t *testing.T, path string) *Inbox {
	t.Helper()
	in, err := OpenInbox(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	return in
}

func sms(id, to, code string) notify.Message {
	return notify.Message{ID: id, Kind: notify.SMS, Purpose: "pin", To: to, Body: code + " is your PIN", Code: code}
}

func TestTheInboxOutlivesARestartAndKeepsAMessageOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "inbox.jsonl")
	in := openInbox(t, path)
	in.Deliver(t.Context(), []notify.Message{sms("a", "+34600000001", "AAA"), sms("b", "+34600000002", "BBB")})
	in.Deliver(t.Context(), []notify.Message{sms("a", "+34600000001", "AAA")}) // delivered at least once
	in = openInbox(t, path)
	in.Deliver(t.Context(), []notify.Message{sms("b", "+34600000002", "BBB"), sms("c", "+34600000001", "CCC")})
	got := in.Newest("", 10)
	if len(got) != 3 || got[0].Code != "CCC" || got[2].Code != "AAA" {
		t.Errorf("got %d messages: %+v", len(got), got)
	}
	if got := in.Newest("+34600000001", 1); len(got) != 1 || got[0].Code != "CCC" {
		t.Errorf("newest of one phone: got %+v", got)
	}
}

func TestAwaitTakesNoCodeFromBefore(t *testing.T) {
	t.Parallel()
	in := openInbox(t, filepath.Join(t.TempDir(), "inbox.jsonl"))
	in.Deliver(t.Context(), []notify.Message{sms("a", "+34600000001", "OLD")})
	asked := time.Now()
	answered := make(chan string)
	go func() {
		code, _ := in.Await(t.Context(), "+34600000001", asked)
		answered <- code
	}()
	in.Deliver(t.Context(), []notify.Message{sms("b", "+34600000001", "NEW")})
	if code := <-answered; code != "NEW" {
		t.Errorf("got %s, want NEW", code)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := in.Await(ended, "+34600000003", asked); err == nil {
		t.Error("waits on after the request ended")
	}
}
