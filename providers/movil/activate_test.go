package movil_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
	"clave/notify"
	"clave/providers/movil"
	mt "clave/providers/movil/moviltest"
	"clave/sandbox/phone"
)

func TestADeviceIsActivatedAndItsCitizenIsTold(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	owned := w.Give(t, mt.Advanced, mt.Phone())
	all, err := w.DevicesOf(t.Context(), w.Person(mt.Advanced))
	must(t, err)
	if len(all) != 1 || all[0].ID != owned.Device.ID || all[0].Name != "My phone" || all[0].How != movil.ByCode {
		t.Errorf("got %+v", all)
	}
	var told []notify.Kind
	for _, m := range w.Outbox.Messages() {
		if m.Purpose != "movil_added" {
			continue
		}
		told = append(told, m.Kind)
		if strings.Contains(m.Body, "My phone") || strings.Contains(m.Body, "http") || !strings.Contains(m.Body, "060") {
			t.Errorf("got a notice with something personal, a link, or no help: %q", m.Body)
		}
	}
	if !slices.Equal(told, []notify.Kind{notify.SMS, notify.Mail}) {
		t.Errorf("got notices by %v, want by SMS and mail", told)
	}
	events := w.Trail.Events(audit.KindDeviceActivated)
	if len(events) != 1 || events[0].Person != w.Person(mt.Advanced) {
		t.Errorf("got %+v, want it written down", events)
	}
}

func TestWhoCannotActivateIsToldWhyAfterTheRightPairAlone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		pair   pair.Pair
		cause  movil.Cause
		reason broker.Reason
	}{
		{"a wrong datum", mt.WrongPair(mt.Advanced), movil.WrongPair, ""},
		{"a document in no register", mt.Pair(mt.Nobody), movil.WrongPair, ""},
		{"a deceased person's pair", mt.Pair(mt.Dead), movil.WrongPair, ""},
		{"who lost the phone", mt.Pair(mt.LostPhone), movil.Refused, broker.LostPhone},
		{"who lost the phone, with a wrong datum", mt.WrongPair(mt.LostPhone), movil.WrongPair, ""},
		{"who withdrew", mt.Pair(mt.Gone), movil.Refused, broker.HasWithdrawn},
		{"who never registered", mt.Pair(mt.Never), movil.Refused, broker.NotRegistered},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := mt.New(t)
			token, err := w.StartActivation(t.Context(), test.pair, "en")
			if d := denied(t, err, test.cause); d.Reason != test.reason || token != "" {
				t.Errorf("got %q with token %q, want %q", d.Reason, token, test.reason)
			}
			if sent := w.Outbox.Messages(); len(sent) != 0 {
				t.Errorf("got %d messages, want none", len(sent))
			}
		})
	}
}

func TestPairsAreGuessedFiveTimesAnHour(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	for range 4 {
		_, err := w.StartActivation(t.Context(), mt.WrongPair(mt.Advanced), "en")
		denied(t, err, movil.WrongPair)
	}
	_, err := w.StartActivation(t.Context(), mt.WrongPair(mt.Advanced), "en")
	denied(t, err, movil.PairLocked)
	_, err = w.StartActivation(t.Context(), mt.Pair(mt.Advanced), "en")
	denied(t, err, movil.PairLocked)
}

func TestCodesOfAnActivation(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T) (*mt.World, string, string) {
		w, _ := mt.New(t)
		token, err := w.StartActivation(t.Context(), mt.Pair(mt.Advanced), "en")
		must(t, err)
		return w, token, w.Outbox.Code(t)
	}
	t.Run("five wrong ones end it, also for the right one", func(t *testing.T) {
		t.Parallel()
		w, token, code := start(t)
		for left := 4; left > 0; left-- {
			if d := denied(t, w.ProveActivation(t.Context(), token, other(code)), movil.WrongCode); d.Left != left {
				t.Errorf("got %d left, want %d", d.Left, left)
			}
		}
		denied(t, w.ProveActivation(t.Context(), token, other(code)), movil.TriesSpent)
		denied(t, w.ProveActivation(t.Context(), token, code), movil.TriesSpent)
		w.Pass(time.Minute)
		denied(t, w.ActivationAgain(t.Context(), token, "en"), movil.TriesSpent)
	})
	t.Run("guesses sent at once count one by one", func(t *testing.T) {
		t.Parallel()
		w, token, code := start(t)
		var wrong atomic.Int64
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if d := new(movil.Denied); asDenied(w.ProveActivation(context.Background(), token, other(code)), &d) && d.Cause == movil.WrongCode {
					wrong.Add(1)
				}
			})
		}
		group.Wait()
		if wrong.Load() != 4 {
			t.Errorf("got %d guesses answered before the last, want 4", wrong.Load())
		}
	})
	t.Run("what cannot be a code is no try", func(t *testing.T) {
		t.Parallel()
		w, token, code := start(t)
		for _, typed := range []string{"", "12345", "1234567", "abcdef"} {
			if err := w.ProveActivation(t.Context(), token, typed); err != movil.ErrCode {
				t.Errorf("%q: got %v, want ErrCode", typed, err)
			}
		}
		must(t, w.ProveActivation(t.Context(), token, " "+code[:3]+" "+code[3:]))
	})
	t.Run("another one voids the one before, and there are three", func(t *testing.T) {
		t.Parallel()
		w, token, code := start(t)
		denied(t, w.ActivationAgain(t.Context(), token, "en"), movil.TooSoon)
		for range 2 {
			w.Pass(movil.SendSpacing)
			must(t, w.ActivationAgain(t.Context(), token, "en"))
		}
		w.Pass(movil.SendSpacing)
		denied(t, w.ActivationAgain(t.Context(), token, "en"), movil.NoSendsLeft)
		if last := w.Outbox.Code(t); last != code {
			denied(t, w.ProveActivation(t.Context(), token, code), movil.WrongCode)
			must(t, w.ProveActivation(t.Context(), token, last))
		}
	})
	t.Run("one that is too old is not looked at", func(t *testing.T) {
		t.Parallel()
		w, token, code := start(t)
		w.Pass(movil.CodeLifetime)
		denied(t, w.ProveActivation(t.Context(), token, code), movil.CodeExpired)
	})
	t.Run("one is for its own browser", func(t *testing.T) {
		t.Parallel()
		w, _, code := start(t)
		theirs, err := w.StartActivation(t.Context(), mt.Pair(mt.Second), "en")
		must(t, err)
		if w.Outbox.Code(t) != code {
			denied(t, w.ProveActivation(t.Context(), theirs, code), movil.WrongCode)
		}
		denied(t, w.ProveActivation(t.Context(), "no token", code), movil.NoActivation)
	})
	t.Run("one proves nothing once the phone is another", func(t *testing.T) {
		t.Parallel()
		w, token, code := start(t)
		w.Citizens.Change(mt.Advanced, func(c *census.Candidate) { c.Phone, _ = identity.ParseE164("+34600000077") })
		denied(t, w.ProveActivation(t.Context(), token, code), movil.NoActivation)
	})
	t.Run("it is used once", func(t *testing.T) {
		t.Parallel()
		w, token, code := start(t)
		must(t, w.ProveActivation(t.Context(), token, code))
		denied(t, w.ProveActivation(t.Context(), token, code), movil.Over)
	})
}

// Who knows document and datum may begin again and again, but the phone takes so many
// messages in a day, and with them codes are tried.
func TestCodesCannotBeGuessedByBeginningAgain(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	begun := 0
	for range 20 {
		token, err := w.StartActivation(t.Context(), mt.Pair(mt.Advanced), "en")
		if err != nil {
			denied(t, err, movil.PhoneFull)
			break
		}
		begun++
		for range 5 {
			_ = w.ProveActivation(t.Context(), token, other(w.Outbox.Code(t))) // wrong by design
		}
	}
	if begun != 10 {
		t.Errorf("got %d beginnings, want 10", begun)
	}
}

func other(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

func TestWhatMakesNoDevice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(t *testing.T, w *mt.World, made *movil.NewDevice)
		want   movil.Cause
	}{
		{"a passkey that was made for another activation", func(t *testing.T, w *mt.World, made *movil.NewDevice) {
			made.Response = w.Made(t, w.Proven(t, mt.Second), mt.Phone()).Response
		}, movil.NoProof},
		{"a key that proved another activation", func(t *testing.T, w *mt.World, made *movil.NewDevice) {
			theirs := w.Made(t, w.Proven(t, mt.Second), mt.Phone())
			made.Key, made.Signature = theirs.Key, theirs.Signature
		}, movil.NoProof},
		{"a key that another one proves", func(_ *testing.T, _ *mt.World, made *movil.NewDevice) { made.Key = mt.Phone().Key() }, movil.NoProof},
		{"a key that nothing proves", func(_ *testing.T, _ *mt.World, made *movil.NewDevice) { made.Signature = nil }, movil.NoProof},
		{"no key", func(_ *testing.T, _ *mt.World, made *movil.NewDevice) { made.Key = nil }, movil.NoProof},
		{"a key that is none", func(_ *testing.T, _ *mt.World, made *movil.NewDevice) { made.Key = make([]byte, 91) }, movil.NoProof},
		{"no passkey", func(_ *testing.T, _ *mt.World, made *movil.NewDevice) { made.Response = nil }, movil.NoProof},
		{"no name", func(_ *testing.T, _ *mt.World, made *movil.NewDevice) { made.Name = "  " }, movil.BadName},
		{"a name that is too long", func(_ *testing.T, _ *mt.World, made *movil.NewDevice) { made.Name = strings.Repeat("x", 41) }, movil.BadName},
		{"a name that turns a page around", func(_ *testing.T, _ *mt.World, made *movil.NewDevice) { made.Name = "phone\u202egnp" }, movil.BadName},
		{"a proof that took too long", func(_ *testing.T, w *mt.World, _ *movil.NewDevice) { w.Pass(15 * time.Minute) }, movil.NoActivation},
		{"a proof by a phone that is another citizen's since", func(_ *testing.T, w *mt.World, _ *movil.NewDevice) {
			w.Citizens.Change(mt.Advanced, func(c *census.Candidate) { c.State, c.Phone = identity.PhoneRevoked, identity.Phone{} })
		}, movil.Refused},
		{"a proof of who withdrew since", func(_ *testing.T, w *mt.World, _ *movil.NewDevice) {
			w.Citizens.Change(mt.Advanced, func(c *census.Candidate) { c.State = identity.Withdrawn })
		}, movil.Refused},
		{"a proof by a phone that the citizen changed since", func(_ *testing.T, w *mt.World, _ *movil.NewDevice) {
			w.Citizens.Change(mt.Advanced, func(c *census.Candidate) { c.Phone, _ = identity.ParseE164("+34600000077") })
		}, movil.NoActivation},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := mt.New(t)
			token := w.Proven(t, mt.Advanced)
			made := w.Made(t, token, mt.Phone())
			test.change(t, w, &made)
			_, err := w.Activate(t.Context(), token, made)
			denied(t, err, test.want)
			if all, err := w.DevicesOf(t.Context(), w.Person(mt.Advanced)); err != nil || len(all) != 0 {
				t.Errorf("got %d devices, %v; want none", len(all), err)
			}
		})
	}
}

func TestACreationMakesOneDevice(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	token := w.Proven(t, mt.Advanced)
	made := w.Made(t, token, mt.Phone())
	var active atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := w.Activate(context.Background(), token, made); err == nil {
				active.Add(1)
			}
		})
	}
	group.Wait()
	if active.Load() != 1 {
		t.Errorf("got %d devices of one creation", active.Load())
	}
	_, err := w.Activate(t.Context(), token, made)
	denied(t, err, movil.NoActivation)
	_, _, err = w.Creation(t.Context(), token)
	denied(t, err, movil.NoActivation)
}

func TestNothingIsMadeBeforeTheCode(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	token, err := w.StartActivation(t.Context(), mt.Pair(mt.Advanced), "en")
	must(t, err)
	_, _, err = w.Creation(t.Context(), token)
	denied(t, err, movil.NoActivation)
	_, err = w.Activate(t.Context(), token, movil.NewDevice{Name: "x"})
	denied(t, err, movil.NoActivation)
}

func TestAPasskeyIsOfOneDevice(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	p := mt.Phone()
	w.Give(t, mt.Advanced, p)
	for _, number := range []string{mt.Advanced, mt.Second} {
		token := w.Proven(t, number)
		options, challenge, err := w.Creation(t.Context(), token)
		must(t, err)
		thief := &phone.Phone{}
		*thief = *p // says that it is the same one, whatever is excluded
		response, err := thief.Create([]byte(strings.Replace(string(options), `"excludeCredentials"`, `"ignored"`, 1)))
		must(t, err)
		_, err = w.Activate(t.Context(), token, movil.NewDevice{Response: response, Key: p.Key(), Signature: p.Sign(challenge), Name: "Mine"})
		denied(t, err, movil.AlreadyActive)
	}
}

func TestASixthDeviceIsRefused(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	for range movil.MaxDevices - 1 {
		w.Give(t, mt.Advanced, mt.Phone())
	}
	fifth, sixth := w.Proven(t, mt.Advanced), w.Proven(t, mt.Advanced)
	madeFifth, madeSixth := w.Made(t, fifth, mt.Phone()), w.Made(t, sixth, mt.Phone())
	_, err := w.Activate(t.Context(), fifth, madeFifth)
	must(t, err)
	_, err = w.Activate(t.Context(), sixth, madeSixth)
	denied(t, err, movil.TooManyDevices)
	_, err = w.StartActivation(t.Context(), mt.Pair(mt.Advanced), "en")
	denied(t, err, movil.TooManyDevices)
	_, err = w.ActivateByCertificate(t.Context(), w.Person(mt.Advanced))
	denied(t, err, movil.TooManyDevices)
}

func TestACertificateActivates(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	token, err := w.ActivateByCertificate(t.Context(), w.Person(mt.Basic))
	must(t, err)
	if sent := w.Outbox.Messages(); len(sent) != 0 {
		t.Errorf("got %d messages, want none", len(sent))
	}
	d, err := w.Activate(t.Context(), token, w.Made(t, token, mt.Phone()))
	must(t, err)
	if d.How != movil.ByCertificate || d.Person != w.Person(mt.Basic) {
		t.Errorf("got %+v", d)
	}
	for number, reason := range map[string]broker.Reason{mt.LostPhone: broker.LostPhone, mt.Gone: broker.HasWithdrawn, mt.Never: broker.NotRegistered} {
		_, err := w.ActivateByCertificate(t.Context(), w.Person(number))
		if got := denied(t, err, movil.Refused); got.Reason != reason {
			t.Errorf("%s: got %s, want %s", number, got.Reason, reason)
		}
	}
	_, err = w.ActivateByCertificate(t.Context(), "nobody")
	denied(t, err, movil.Refused)
}
