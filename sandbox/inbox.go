package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"clave/notify"
	"clave/notify/push"
)

// inboxSize is how many messages are held, newest first. Older ones are
// forgotten.
const inboxSize = 5000

// Received is a message as /dev/inbox.json shows it.
type Received struct {
	ID          string       `json:"id"`
	Time        time.Time    `json:"time"`
	To          string       `json:"to"`
	Kind        notify.Kind  `json:"kind"`
	Purpose     string       `json:"purpose"`
	Subject     string       `json:"subject,omitempty"`
	Body        string       `json:"body"`
	Code        string       `json:"code,omitempty"`
	Attachments []Attachment `json:"attachments"`
}

// Attachment is a file that came with a message.
type Attachment struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Inbox stands for every phone, mailbox and letter box of the synthetic
// citizens. It is a carrier of all kinds of messages, and keeps them in a file
// so that they outlive a restart.
type Inbox struct {
	now     func() time.Time
	folder  string // of the letters' files
	mu      sync.Mutex
	file    *os.File
	held    []Received // oldest first
	ids     map[string]bool
	arrived chan struct{} // closed and replaced at each arrival
}

// OpenInbox reads the file, or makes it.
func OpenInbox(path string, now func() time.Time) (*Inbox, error) {
	in := &Inbox{now: now, folder: filepath.Join(filepath.Dir(path), lettersFolder), ids: map[string]bool{}, arrived: make(chan struct{})}
	old, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("opening the inbox: %w", err)
	default:
		lines := bufio.NewScanner(old)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var m Received
			if json.Unmarshal(lines.Bytes(), &m) == nil { // a torn last line is no message
				in.hold(m)
			}
		}
		if err := errors.Join(lines.Err(), old.Close()); err != nil {
			return nil, fmt.Errorf("reading the inbox: %w", err)
		}
	}
	if in.file, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("opening the inbox: %w", err)
	}
	return in, nil
}

// Close closes the file.
func (in *Inbox) Close() error { return in.file.Close() }

// Deliver implements notify.Carrier. A message that comes twice is kept once.
func (in *Inbox) Deliver(_ context.Context, messages []notify.Message) []notify.Result {
	results := make([]notify.Result, len(messages))
	arrived := make([]Received, len(messages))
	for i, m := range messages {
		results[i] = notify.Result{Outcome: notify.Accepted}
		arrived[i] = Received{
			ID: m.ID, Time: in.now().UTC(), To: address(m), Kind: m.Kind, Purpose: m.Purpose,
			Subject: m.Subject, Body: m.Body, Code: m.Code, Attachments: []Attachment{},
		}
	}
	if err := in.keep(arrived); err != nil {
		for i := range results {
			results[i] = notify.Result{Err: err}
		}
	}
	return results
}

// address is where a message goes, as people read it: a push goes to a device.
func address(m notify.Message) string {
	var to push.Recipient
	if m.Kind == notify.Push && json.Unmarshal([]byte(m.To), &to) == nil {
		return to.Device
	}
	return m.To
}

// keep holds what arrived, once, and writes it down.
func (in *Inbox) keep(arrived []Received) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	var lines []byte
	for _, m := range arrived {
		if in.ids[m.ID] {
			continue
		}
		line, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("writing to the inbox: %w", err)
		}
		lines = append(append(lines, line...), '\n')
		in.hold(m)
	}
	if _, err := in.file.Write(lines); err != nil {
		return fmt.Errorf("writing to the inbox: %w", err)
	}
	close(in.arrived)
	in.arrived = make(chan struct{})
	return nil
}

func (in *Inbox) hold(m Received) {
	in.held = append(in.held, m)
	in.ids[m.ID] = true
	if len(in.held) > 2*inboxSize {
		for _, old := range in.held[:inboxSize] {
			delete(in.ids, old.ID)
		}
		in.held = slices.Clone(in.held[inboxSize:])
	}
}

// Newest gives the newest messages first, at most limit, to one address or,
// with "", to all.
func (in *Inbox) Newest(to string, limit int) []Received {
	in.mu.Lock()
	defer in.mu.Unlock()
	found := []Received{}
	for i := len(in.held) - 1; i >= 0 && len(found) < limit; i-- {
		if to == "" || in.held[i].To == to {
			found = append(found, in.held[i])
		}
	}
	return found
}

// Await gives the newest code that came to the address after the time, waiting
// for it until ctx ends.
func (in *Inbox) Await(ctx context.Context, to string, after time.Time) (string, error) {
	for {
		in.mu.Lock()
		arrived := in.arrived
		in.mu.Unlock()
		for _, m := range in.Newest(to, 1) {
			if m.Code != "" && !m.Time.Before(after) {
				return m.Code, nil
			}
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return "", fmt.Errorf("waiting for a code: %w", ctx.Err())
		}
	}
}
