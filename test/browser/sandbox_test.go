package browser

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// sandbox is a running `clave dev` with a data folder of its own, a copy of the model.
type sandbox struct {
	t       *testing.T
	issuer  string // origin of Cl@ve
	service string // origin of the sample services, another site
	data    string
	stop    func() // ends it at once
}

// startSandbox starts the binary and waits until it says where it is. More
// relying parties come from the YAML files.
func startSandbox(t *testing.T, parties ...string) *sandbox {
	t.Helper()
	var flags []string
	for _, file := range parties {
		flags = append(flags, "--rp", file)
	}
	return startFlagged(t, flags...)
}

// startFlagged is startSandbox with flags of the command.
func startFlagged(t *testing.T, flags ...string) *sandbox {
	t.Helper()
	s := &sandbox{t: t, data: dataFolder(t)}
	args := append([]string{"dev", "--listen", "127.0.0.1:0", "--data", s.data}, flags...)
	log, err := os.Create(filepath.Join(t.TempDir(), "stderr.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(lab.binary, args...)
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting the sandbox: %v", err)
	}
	s.stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // it may be gone
		_ = cmd.Wait()         // killed: that is its error
	})
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			said, _ := os.ReadFile(log.Name()) // a help, not a must
			if said := worthReading(string(said)); said != "" {
				t.Logf("the sandbox said:\n%s", said)
			}
		}
	})
	s.issuer = openedAt(out)
	s.service = strings.Replace(s.issuer, "localhost", "127.0.0.1", 1)
	if s.issuer == "" {
		said, _ := os.ReadFile(log.Name())
		t.Fatalf("the sandbox did not start:\n%s", said)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the process
	return s
}

// worthReading leaves out what every start says.
func worthReading(log string) string {
	var kept []string
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "INFO") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

type message struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	To   string    `json:"to"`
	Body string    `json:"body"`
	Code string    `json:"code"`
}

// inbox is what the phone received, newest first.
func (s *sandbox) inbox(phone string) []message {
	s.t.Helper()
	var messages []message
	s.get("/dev/inbox.json?to="+url.QueryEscape(phone), &messages)
	return messages
}

// nthPIN waits for the nth message to the phone, from 1, and gives its code.
func (s *sandbox) nthPIN(phone string, n int) string {
	s.t.Helper()
	var messages []message
	s.eventually("a message", func() bool {
		messages = s.inbox(phone)
		return len(messages) >= n
	})
	return messages[len(messages)-n].Code
}

func (s *sandbox) get(path string, into any) {
	s.t.Helper()
	client := http.Client{Timeout: patience}
	answer, err := client.Get(s.issuer + path)
	if err != nil {
		s.t.Fatalf("asking the sandbox: %v", err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		s.t.Fatalf("reading %s: %v", path, err)
	}
}

// eventually waits for a condition that no event tells of.
func (s *sandbox) eventually(what string, holds func() bool) {
	s.t.Helper()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(end) {
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// citizen is who logs in.
type citizen struct{ document, contrast, phone string }

// The citizens of the sandbox that the walks need.
func carmen() citizen  { return citizen{"12345678Z", "2031-06-15", "+34600000001"} } // advanced, Spanish
func juan() citizen    { return citizen{"99999999R", "2032-02-01", "+34600000002"} } // advanced, English
func prueba() citizen  { return citizen{"00000000T", "2030-12-01", "+34600000003"} } // basic
func dolores() citizen { return citizen{"11111111H", "2012-04-10", "+34600000004"} } // permanent DNI
func anna() citizen    { return citizen{"X1234567L", "E12345678", "+351910000001"} } // foreigner card
func igor() citizen    { return citizen{"X0000000T", "E00000077", ""} }              // not registered
func helene() citizen  { return citizen{"Y0000000Z", "C00000321", ""} }              // phone revoked
func omar() citizen    { return citizen{"Z0000000M", "E00000099", ""} }              // withdrawn
