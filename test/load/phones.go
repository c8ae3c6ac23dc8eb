package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

// phones hands the codes that arrive in the sandbox's inbox to whoever waits
// for them. It reads the inbox's file, so that the server spends nothing on it.
type phones struct {
	mu      sync.Mutex
	waiting map[string]chan string
}

func newPhones() *phones { return &phones{waiting: map[string]chan string{}} }

// expect announces that a code will come to the number.
func (p *phones) expect(number string) <-chan string {
	codes := make(chan string, 4)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[number] = codes
	return codes
}

func (p *phones) forget(number string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, number)
}

// follow reads the file as it grows, until ctx ends.
func (p *phones) follow(ctx context.Context, path string) error {
	file, err := os.Open(path)
	for errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
		file, err = os.Open(path)
	}
	if err != nil {
		return fmt.Errorf("reading the inbox: %w", err)
	}
	defer file.Close()
	var rest []byte
	room := make([]byte, 1<<16)
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for {
		n, err := file.Read(room)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the inbox: %w", err)
		}
		if n == 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-poll.C:
				continue
			}
		}
		rest = append(rest, room[:n]...)
		for {
			line, after, whole := bytes.Cut(rest, []byte("\n"))
			if !whole {
				break
			}
			rest = after
			if err := p.deliver(line); err != nil {
				return err
			}
		}
		rest = append([]byte(nil), rest...)
	}
}

func (p *phones) deliver(line []byte) error {
	var message struct{ To, Code string }
	if err := json.Unmarshal(line, &message); err != nil {
		return fmt.Errorf("reading the inbox: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if codes := p.waiting[message.To]; codes != nil && message.Code != "" {
		select {
		case codes <- message.Code:
		default: // nobody waits for that many
		}
	}
	return nil
}
