package sms_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/notify"
	"clave/notify/sms"
	"clave/test/fakes/smsc"
)

var start = time.Date(2026, 11, 21, 9, 42, 0, 0, time.UTC)

// rig is a carrier bound to a fake centre.
type rig struct {
	t       *testing.T
	ctx     context.Context
	centre  *smsc.Server
	carrier *sms.SMPP
	stop    func()
	logs    *logBuffer

	mu       sync.Mutex
	receipts []notify.Receipt
	full     atomic.Bool
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newRig(t *testing.T, centre *smsc.Server, change func(*sms.SMPPSettings)) *rig {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	r := &rig{t: t, ctx: ctx, centre: centre, logs: &logBuffer{}}
	settings := sms.SMPPSettings{
		Address: centre.Address(), SystemID: "clave", Password: "secret", Source: sms.Address{TON: 5, Number: "Clave"},
		Reconnect: time.Millisecond, ThrottlePause: time.Millisecond,
	}
	change(&settings)
	var err error
	r.carrier, err = sms.NewSMPP(settings, r.take, slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug})), func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	running, halt := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); r.carrier.Run(running) }()
	r.stop = func() { halt(); <-done }
	t.Cleanup(func() {
		r.stop()
		for _, personal := range []string{"600111222", "K7M", "secret", "hello"} {
			if strings.Contains(r.logs.String(), personal) {
				t.Errorf("a log line holds %q", personal)
			}
		}
	})
	return r
}

func (r *rig) take(receipt notify.Receipt) bool {
	if r.full.Load() {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.receipts = append(r.receipts, receipt)
	return true
}

func (r *rig) wait(what string, holds func() bool) {
	r.t.Helper()
	if err := r.centre.Wait(r.ctx, holds); err != nil {
		r.t.Fatalf("never: %s", what)
	}
}

func message(body string) notify.Message {
	return notify.Message{
		ID: "a", Kind: notify.SMS, Purpose: "pin", To: "+34600111222", Body: body, Urgent: true, ExpiresAt: start.Add(10 * time.Minute),
	}
}

func (r *rig) deliver(bodies ...string) []notify.Result {
	var messages []notify.Message
	for _, b := range bodies {
		messages = append(messages, message(b))
	}
	return r.carrier.Deliver(r.ctx, messages)
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 35)
	for _, c := range []struct {
		name   string
		centre *smsc.Server
		change func(*sms.SMPPSettings)
		body   string
		coding byte
		parts  int
		check  func(t *testing.T, m []smsc.Message)
	}{
		{"a code goes in one GSM 7 bit message", &smsc.Server{}, nil, "K7M is your Cl@ve PIN [€]\n@localhost #K7M", 0, 1, func(t *testing.T, m []smsc.Message) {
			if m[0].Destination != (smsc.Address{TON: 1, NPI: 1, Number: "34600111222"}) || m[0].Source != (smsc.Address{TON: 5, NPI: 0, Number: "Clave"}) {
				t.Errorf("addresses are %v and %v", m[0].Source, m[0].Destination)
			}
			if !m[0].WantsReceipt {
				t.Error("no receipt is asked for")
			}
			if got, want := m[0].Validity, "000000001000000R"; got != want {
				t.Errorf("the validity is %q, want %q", got, want)
			}
		}},
		{"160 septets are one message", &smsc.Server{}, nil, long[:160], 0, 1, nil},
		{"161 septets are two", &smsc.Server{}, nil, long[:161], 0, 2, nil},
		{"an escape is not parted from its character", &smsc.Server{}, nil, long[:152] + "€" + long[:40], 0, 2, nil},
		{"packed septets are unpacked to the same text", &smsc.Server{Packed: true}, func(s *sms.SMPPSettings) { s.Packing = sms.Packed }, long[:160], 0, 1, func(t *testing.T, m []smsc.Message) {
			if got, want := len(m[0].Raw), 140; got != want {
				t.Errorf("%d octets, want %d", got, want)
			}
		}},
		{"packed parts begin on a septet's edge", &smsc.Server{Packed: true}, func(s *sms.SMPPSettings) { s.Packing = sms.Packed }, long, 0, 3, nil},
		{"a letter outside the alphabet asks for UCS-2", &smsc.Server{}, nil, "K7M él comparó", 8, 1, nil},
		{"70 characters of UCS-2 are one message", &smsc.Server{}, nil, strings.Repeat("á", 70), 8, 1, nil},
		{"71 are two", &smsc.Server{}, nil, strings.Repeat("á", 71), 8, 2, nil},
		{"an emoji is not torn between parts", &smsc.Server{}, nil, strings.Repeat("á", 66) + "🙂" + strings.Repeat("é", 20), 8, 2, nil},
		{"a long text as one payload", &smsc.Server{}, func(s *sms.SMPPSettings) { s.Long = sms.LongPayload }, long, 0, 1, func(t *testing.T, m []smsc.Message) {
			if !m[0].Payload {
				t.Error("it came as a short message")
			}
		}},
		{"a short text is no payload", &smsc.Server{}, func(s *sms.SMPPSettings) { s.Long = sms.LongPayload }, long[:160], 0, 1, func(t *testing.T, m []smsc.Message) {
			if m[0].Payload {
				t.Error("it came as a payload")
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			change := c.change
			if change == nil {
				change = func(*sms.SMPPSettings) {}
			}
			r := newRig(t, c.centre.Start(t), change)
			result := r.deliver(c.body)[0]
			if result.Outcome != notify.Accepted || result.Err != nil {
				t.Fatalf("got %+v", result)
			}
			got := r.centre.Messages()
			if len(got) != c.parts {
				t.Fatalf("%d parts, want %d", len(got), c.parts)
			}
			var text strings.Builder
			for i, m := range got {
				text.WriteString(m.Text)
				if m.DataCoding != c.coding {
					t.Errorf("part %d has data coding %d, want %d", i, m.DataCoding, c.coding)
				}
				if c.parts > 1 && (m.Parts != c.parts || m.Part != i+1 || m.Reference != got[0].Reference) {
					t.Errorf("part %d says %d of %d, reference %d", i+1, m.Part, m.Parts, m.Reference)
				}
				if !m.Payload && len(m.Raw) > 160 {
					t.Errorf("part %d has %d octets", i+1, len(m.Raw))
				}
			}
			if text.String() != c.body {
				t.Errorf("the phone shows %q", text.String())
			}
			if got, want := result.ProviderID, "smpp:"+got[len(got)-1].ID; got != want {
				t.Errorf("the provider's id is %q, want %q", got, want)
			}
			if c.check != nil {
				c.check(t, got)
			}
		})
	}
}

func TestValidityIsWhatIsLeftOfTheCodesLife(t *testing.T) {
	t.Parallel()
	r := newRig(t, (&smsc.Server{}).Start(t), func(*sms.SMPPSettings) {})
	for _, c := range []struct {
		left time.Duration
		want string // empty: too late
	}{
		{7*time.Minute + 31*time.Second + 900*time.Millisecond, "000000000731000R"},
		{26*time.Hour + time.Second, "000001020001000R"},
		{40 * 24 * time.Hour, "000040000000000R"},
		{5 * time.Second, "000000000005000R"},
		{4 * time.Second, ""},
		{-time.Hour, ""},
	} {
		m := message("hello")
		m.ExpiresAt = start.Add(c.left)
		before := len(r.centre.Messages())
		result := r.carrier.Deliver(r.ctx, []notify.Message{m})[0]
		got := r.centre.Messages()
		switch {
		case c.want == "" && (result.Outcome != notify.TooLate || len(got) != before):
			t.Errorf("%s left: got %+v and %d messages more", c.left, result, len(got)-before)
		case c.want != "" && (len(got) != before+1 || got[before].Validity != c.want):
			t.Errorf("%s left: got %+v, want %s", c.left, got, c.want)
		}
	}
}

func TestTroubles(t *testing.T) {
	t.Parallel()
	none := func(*sms.SMPPSettings) {}
	t.Run("a connection that drops between submission and response leaves the message to be tried again", func(t *testing.T) {
		t.Parallel()
		var seen atomic.Int32
		centre := (&smsc.Server{React: func(smsc.Message) smsc.Reaction { return smsc.Reaction{Drop: seen.Add(1) == 1} }}).Start(t)
		r := newRig(t, centre, none)
		if got := r.deliver("hello")[0]; got.Outcome != notify.Retry || got.Err == nil {
			t.Fatalf("got %+v, want another try", got)
		}
		r.wait("it binds again", func() bool { return centre.Binds() == 2 })
		if got := r.deliver("hello")[0]; got.Outcome != notify.Accepted {
			t.Errorf("got %+v", got)
		}
		if got := len(centre.Messages()); got != 2 { // at least once means twice here
			t.Errorf("%d messages, want 2", got)
		}
	})
	t.Run("a centre that hangs up is bound again", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{}).Start(t)
		r := newRig(t, centre, none)
		for n := 1; n <= 3; n++ {
			r.wait("it binds", func() bool { return centre.Binds() >= n })
			centre.Hangup()
		}
		r.wait("it binds", func() bool { return centre.Binds() >= 4 })
		if got := r.deliver("hello")[0]; got.Outcome != notify.Accepted {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a centre that drops the first binds is tried until it takes one", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{DropBind: func(n int) bool { return n < 4 }}).Start(t)
		r := newRig(t, centre, none)
		if got := r.deliver("hello")[0]; got.Outcome != notify.Accepted {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a wrong password is reported as an error and messages wait", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{SystemID: "clave", Password: "other"}).Start(t)
		r := newRig(t, centre, func(s *sms.SMPPSettings) { s.Reconnect = time.Hour })
		ctx, cancel := context.WithTimeout(r.ctx, 100*time.Millisecond)
		defer cancel()
		if got := r.carrier.Deliver(ctx, []notify.Message{message("hello")})[0]; got.Outcome != notify.Retry {
			t.Errorf("got %+v", got)
		}
		if !strings.Contains(r.logs.String(), "level=ERROR") || !strings.Contains(r.logs.String(), "0x0000000D") {
			t.Errorf("the log does not say so: %s", r.logs)
		}
	})
	t.Run("throttling slows down and loses nothing", func(t *testing.T) {
		t.Parallel()
		var seen atomic.Int32
		centre := (&smsc.Server{React: func(smsc.Message) smsc.Reaction {
			switch n := seen.Add(1); {
			case n%3 == 1:
				return smsc.Reaction{Status: smsc.Throttled}
			case n%7 == 2:
				return smsc.Reaction{Status: smsc.QueueFull}
			}
			return smsc.Reaction{}
		}}).Start(t)
		r := newRig(t, centre, none)
		for i, got := range r.deliver(strings.Split(strings.Repeat("hello ", 30), " ")[:30]...) {
			if got.Outcome != notify.Accepted {
				t.Errorf("message %d: %+v", i, got)
			}
		}
		if got := len(centre.Messages()); got != 30 {
			t.Errorf("%d messages, want 30", got)
		}
	})
	t.Run("throttling without end gives the message back in time", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{React: func(smsc.Message) smsc.Reaction { return smsc.Reaction{Status: smsc.Throttled} }}).Start(t)
		r := newRig(t, centre, none)
		r.wait("it binds", func() bool { return centre.Binds() == 1 })
		ctx, cancel := context.WithTimeout(r.ctx, 100*time.Millisecond)
		defer cancel()
		if got := r.carrier.Deliver(ctx, []notify.Message{message("hello")})[0]; got.Outcome != notify.Retry {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a number that the centre refuses is not tried again, the others arrive", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{React: func(m smsc.Message) smsc.Reaction {
			if m.Text == "bad" {
				return smsc.Reaction{Status: smsc.InvalidDestination}
			}
			return smsc.Reaction{}
		}}).Start(t)
		r := newRig(t, centre, none)
		got := r.deliver("hello", "bad", "hello")
		if got[0].Outcome != notify.Accepted || got[1].Outcome != notify.Refused || got[2].Outcome != notify.Accepted {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a system error is worth another try", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{React: func(smsc.Message) smsc.Reaction { return smsc.Reaction{Status: smsc.SystemError} }}).Start(t)
		r := newRig(t, centre, none)
		if got := r.deliver("hello")[0]; got.Outcome != notify.Retry || !strings.Contains(got.Err.Error(), "0x00000008") {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a centre that never answers gives the message back", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{React: func(smsc.Message) smsc.Reaction { return smsc.Reaction{Silent: true} }}).Start(t)
		r := newRig(t, centre, func(s *sms.SMPPSettings) { s.ResponseTimeout = 50 * time.Millisecond })
		if got := r.deliver("hello")[0]; got.Outcome != notify.Retry || got.Err == nil {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("responses out of order and twice find their messages", func(t *testing.T) {
		t.Parallel()
		var held atomic.Int32
		centre := &smsc.Server{}
		centre.React = func(smsc.Message) smsc.Reaction {
			held.Add(1)
			return smsc.Reaction{Hold: true, Twice: true}
		}
		centre.Start(t)
		r := newRig(t, centre, func(s *sms.SMPPSettings) { s.Window = 5 })
		results := make(chan []notify.Result)
		go func() { results <- r.deliver("m0", "m1", "m2", "m3", "m4") }()
		r.wait("the window is full", func() bool { return len(centre.Messages()) == 5 })
		centre.Release()
		got := <-results
		ids := map[string]string{}
		for _, m := range centre.Messages() {
			ids[m.Text] = "smpp:" + m.ID
		}
		for i, result := range got {
			if name := "m" + string(rune('0'+i)); result.ProviderID != ids[name] {
				t.Errorf("%s got id %s, want %s", name, result.ProviderID, ids[name])
			}
		}
	})
	t.Run("no more than the window is under way", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{React: func(smsc.Message) smsc.Reaction { return smsc.Reaction{Hold: true} }}).Start(t)
		r := newRig(t, centre, func(s *sms.SMPPSettings) { s.Window = 3 })
		done := make(chan []notify.Result)
		go func() { done <- r.deliver("a", "b", "c", "d", "e", "f") }()
		for n := 3; n <= 6; n += 3 {
			r.wait("three more", func() bool { return len(centre.Messages()) >= n })
			if got := len(centre.Messages()); got != n {
				t.Errorf("%d messages without an answer, want %d", got, n)
			}
			centre.Release()
		}
		<-done
	})
	t.Run("a text that would fill a book is refused", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, (&smsc.Server{}).Start(t), none)
		if got := r.deliver(strings.Repeat("hello ", 1000))[0]; got.Outcome != notify.Refused {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a centre that stopped answering tests is left and bound again", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{Deaf: true}).Start(t)
		r := newRig(t, centre, func(s *sms.SMPPSettings) {
			s.Enquire, s.ResponseTimeout = 5*time.Millisecond, 20*time.Millisecond
		})
		r.wait("it binds again", func() bool { return centre.Binds() >= 3 })
	})
	t.Run("an idle link is tested and stays", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{}).Start(t)
		r := newRig(t, centre, func(s *sms.SMPPSettings) { s.Enquire = 2 * time.Millisecond })
		r.wait("five tests", func() bool { return centre.Enquiries() >= 5 })
		if got := centre.Binds(); got != 1 {
			t.Errorf("%d binds, want 1", got)
		}
	})
	t.Run("octets that are not SMPP end the link, which is bound again", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{}).Start(t)
		r := newRig(t, centre, none)
		r.wait("it binds", func() bool { return centre.Binds() == 1 })
		centre.Raw([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		r.wait("it binds again", func() bool { return centre.Binds() == 2 })
	})
	t.Run("a PDU that nobody knows is rejected and the link stays", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{}).Start(t)
		r := newRig(t, centre, none)
		r.wait("it binds", func() bool { return centre.Binds() == 1 })
		centre.Raw([]byte("\x00\x00\x00\x12\x00\x00\x77\x77\x00\x00\x00\x00\x00\x00\x00\x09zz"))
		if got := r.deliver("hello")[0]; got.Outcome != notify.Accepted {
			t.Errorf("got %+v", got)
		}
		if got := centre.Binds(); got != 1 {
			t.Errorf("%d binds, want 1", got)
		}
	})
	t.Run("stopping takes leave", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{}).Start(t)
		r := newRig(t, centre, none)
		r.deliver("hello")
		r.stop()
		if got := centre.Unbinds(); got != 1 {
			t.Errorf("%d unbinds, want 1", got)
		}
	})
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	t.Run("receipts are matched to what was handed over", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{}).Start(t)
		r := newRig(t, centre, func(s *sms.SMPPSettings) { s.Name = "main" })
		for _, c := range []struct {
			receipt smsc.Receipt
			want    notify.State
		}{
			{smsc.Receipt{Stat: "DELIVRD"}, notify.Delivered},
			{smsc.Receipt{Stat: "EXPIRED"}, notify.Expired},
			{smsc.Receipt{Stat: "UNDELIV"}, notify.Failed},
			{smsc.Receipt{Tagged: true, State: 2}, notify.Delivered},
			{smsc.Receipt{Tagged: true, State: 8}, notify.Failed},
		} {
			result := r.deliver("hello")[0]
			c.receipt.ID = strings.TrimPrefix(result.ProviderID, "main:")
			if !centre.Deliver(c.receipt) {
				t.Fatal("nobody is bound")
			}
			r.wait("the receipt is answered", func() bool { _, ok := centre.Answer(c.receipt.ID); return ok })
			r.mu.Lock()
			last := r.receipts[len(r.receipts)-1]
			r.mu.Unlock()
			if want := (notify.Receipt{ProviderID: result.ProviderID, State: c.want, At: start}); last != want {
				t.Errorf("got %+v, want %+v", last, want)
			}
		}
	})
	t.Run("a centre that answers in hexadecimal and reports in decimal is understood", func(t *testing.T) {
		t.Parallel()
		var n atomic.Int32
		centre := (&smsc.Server{React: func(smsc.Message) smsc.Reaction { n.Add(1); return smsc.Reaction{} }}).Start(t)
		r := newRig(t, centre, func(s *sms.SMPPSettings) { s.ReceiptID = sms.DecimalID })
		var last notify.Result
		for range 12 {
			last = r.deliver("hello")[0]
		}
		if got, want := last.ProviderID, "smpp:12"; got != want { // 0000000C
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("without room for receipts the centre is asked to repeat them", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{}).Start(t)
		r := newRig(t, centre, func(*sms.SMPPSettings) {})
		r.wait("it binds", func() bool { return centre.Binds() == 1 })
		r.deliver("hello")
		r.full.Store(true)
		centre.Deliver(smsc.Receipt{ID: "1", Stat: "DELIVRD"})
		r.wait("it is answered", func() bool { _, ok := centre.Answer("1"); return ok })
		if status, _ := centre.Answer("1"); status != smsc.TemporaryFailure {
			t.Errorf("answered 0x%x", status)
		}
	})
	t.Run("a message from a phone and news on the way are taken and forgotten", func(t *testing.T) {
		t.Parallel()
		centre := (&smsc.Server{}).Start(t)
		r := newRig(t, centre, func(*sms.SMPPSettings) {})
		r.deliver("hello")
		centre.Inbound("id:1 stat:DELIVRD")
		r.wait("it is answered", func() bool { _, ok := centre.Answer("inbound"); return ok })
		centre.Deliver(smsc.Receipt{ID: "2", Stat: "ENROUTE"})
		r.wait("it is answered", func() bool { _, ok := centre.Answer("2"); return ok })
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.receipts) != 0 {
			t.Errorf("got receipts %+v", r.receipts)
		}
	})
}

func TestSettingsReportAllMistakes(t *testing.T) {
	t.Parallel()
	_, err := sms.NewSMPP(sms.SMPPSettings{
		Password: "much too long", Packing: "tight", Long: "longer", ReceiptID: "roman", Window: -1, PerSecond: -1,
		Source: sms.Address{TON: 5, Number: "Administration"},
	}, nil, slog.New(slog.DiscardHandler), time.Now)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"address", "system_id", "password", "packing", "long", "receipt_id", "window", "per_second", "source"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "much too long") {
		t.Error("the password is told")
	}
}
