package pin

import (
	"testing"
	"time"

	"clave/internal/tally"
	"clave/internal/tally/tallytest"
)

// waiting is a challenge whose PIN was sent a minute ago.
func waiting(change func(*Challenge)) Challenge {
	c := Challenge{Login: "l", Person: "p", Secret: []byte{1}, Half: "ABCD", Last3: "000", Sends: 1, SentAt: noon.Add(-time.Minute), ExpiresAt: noon.Add(9 * time.Minute)}
	if change != nil {
		change(&c)
	}
	return c
}

func locked(until time.Duration) tally.Tally {
	t := tallytest.Ago(noon, time.Minute)
	t.LockedUntil = noon.Add(until)
	return t
}

func TestMaySend(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		challenge  Challenge
		wrong, sms tally.Tally
		want       Cause
		until      time.Time
	}{
		{"the first PIN of a login is sent", Challenge{Login: "l", Person: "p"}, tally.Tally{}, tally.Tally{}, "", time.Time{}},
		{"another is sent after 30 seconds", waiting(func(c *Challenge) { c.SentAt = noon.Add(-30 * time.Second) }), tally.Tally{}, tally.Tally{}, "", time.Time{}},
		{"and not before", waiting(func(c *Challenge) { c.SentAt = noon.Add(-29 * time.Second) }), tally.Tally{}, tally.Tally{}, TooSoon, noon.Add(time.Second)},
		{"the third is sent", waiting(func(c *Challenge) { c.Sends = 2 }), tally.Tally{}, tally.Tally{}, "", time.Time{}},
		{"a fourth is not", waiting(func(c *Challenge) { c.Sends = 3 }), tally.Tally{}, tally.Tally{}, NoSendsLeft, time.Time{}},
		{"nine messages in the day leave room", waiting(nil), tally.Tally{}, tallytest.Ago(noon, tallytest.Times(9, time.Hour)...), "", time.Time{}},
		{"an eleventh message to a phone is not sent", waiting(nil), tally.Tally{}, tallytest.Ago(noon, tallytest.Times(10, time.Hour)...), PhoneFull, noon.Add(23 * time.Hour)},
		{"nothing is sent while the method is locked", waiting(nil), locked(time.Hour), tally.Tally{}, MethodLocked, noon.Add(time.Hour)},
		{"a lock ends to the moment", waiting(nil), locked(0), tally.Tally{}, "", time.Time{}},
		{"nothing is sent after the PIN was used", waiting(nil).spent(noon), tally.Tally{}, tally.Tally{}, Over, time.Time{}},
		{"nothing is sent after the last try", waiting(func(c *Challenge) { c.Wrong = 5 }), tally.Tally{}, tally.Tally{}, Over, time.Time{}},
		{"wrong tries alone stop no sending", waiting(func(c *Challenge) { c.Wrong = 4 }), tally.Tally{}, tally.Tally{}, "", time.Time{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want(t, maySend(test.challenge, BySMS, test.wrong, test.sms, PhoneLimit, noon), test.want, test.until)
		})
	}
}

func TestMaySendWhereThereIsAnApp(t *testing.T) {
	t.Parallel()
	inApp := waiting(func(c *Challenge) { c.Way, c.SentAt = ByApp, noon })
	full := tallytest.Ago(noon, tallytest.Times(10, time.Hour)...)
	for _, test := range []struct {
		name      string
		challenge Challenge
		by        Way
		sms       tally.Tally
		want      Cause
		until     time.Time
	}{
		{"who does not have the app at hand gets an SMS at once", inApp, BySMS, tally.Tally{}, "", time.Time{}},
		{"the app gets no second one at once", inApp, ByApp, tally.Tally{}, TooSoon, noon.Add(SendSpacing)},
		{"nor does it get one just after an SMS", waiting(func(c *Challenge) { c.SentAt = noon }), ByApp, tally.Tally{}, TooSoon, noon.Add(SendSpacing)},
		{"an SMS instead is one of the three of a login", waiting(func(c *Challenge) { c.Way, c.Sends = ByApp, 3 }), BySMS, tally.Tally{}, NoSendsLeft, time.Time{}},
		{"PINs in the app count with the messages to the phone", Challenge{Login: "l", Person: "p"}, ByApp, full, PhoneFull, noon.Add(23 * time.Hour)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want(t, maySend(test.challenge, test.by, tally.Tally{}, test.sms, PhoneLimit, noon), test.want, test.until)
		})
	}
}

func TestMayTry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		challenge Challenge
		wrong     tally.Tally
		want      Cause
		until     time.Time
	}{
		{"a live PIN may be tried", waiting(nil), tally.Tally{}, "", time.Time{}},
		{"none was sent", Challenge{}, tally.Tally{}, NoPIN, time.Time{}},
		{"a row that was made and not filled holds no PIN", Challenge{Login: "l", Person: "p"}, tally.Tally{}, NoPIN, time.Time{}},
		{"it is too old to the moment", waiting(func(c *Challenge) { c.ExpiresAt = noon }), tally.Tally{}, PINExpired, time.Time{}},
		{"a lock voided it", waiting(nil).void(), tally.Tally{}, PINExpired, time.Time{}},
		{"while locked nothing is looked at", waiting(nil), locked(time.Hour), MethodLocked, noon.Add(time.Hour)},
		{"a lock without end is told as such", waiting(nil), tally.Tally{Times: tallytest.Ago(noon, 0).Times, LockedUntil: tally.Indefinitely()}, MethodLocked, tally.Indefinitely()},
		{"it was used", waiting(nil).spent(noon), tally.Tally{}, Over, time.Time{}},
		{"the login has ended", waiting(func(c *Challenge) { c.Wrong = 5 }), tally.Tally{}, Over, time.Time{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want(t, mayTry(test.challenge, test.wrong, noon), test.want, test.until)
		})
	}
}

func want(t *testing.T, got *Denied, cause Cause, until time.Time) {
	t.Helper()
	switch {
	case got == nil && cause != "":
		t.Errorf("got nothing, want %s", cause)
	case got != nil && got.Cause != cause:
		t.Errorf("got %s, want %q", got.Cause, cause)
	case got != nil && !got.Until.Equal(until):
		t.Errorf("got until %v, want %v", got.Until, until)
	}
}

func TestMissed(t *testing.T) {
	t.Parallel()
	inLogin := func(n int) Challenge { return waiting(func(c *Challenge) { c.Wrong = n }) }
	tests := []struct {
		name      string
		challenge Challenge
		wrong     tally.Tally
		want      Cause
		left      int
		void      bool
	}{
		{"the first wrong PIN leaves four", inLogin(0), tally.Tally{}, WrongPIN, 4, false},
		{"the fourth leaves one", inLogin(3), tally.Tally{}, WrongPIN, 1, false},
		{"the fifth ends the login", inLogin(4), tally.Tally{}, TriesSpent, 0, true},
		{"the citizen's tenth in a day locks, though it is the first here", inLogin(0), tallytest.Ago(noon, tallytest.Times(9, time.Hour)...), MethodLocked, 0, true},
		{"tries in other logins count when saying how many are left", inLogin(0), tallytest.Ago(noon, tallytest.Times(7, time.Hour)...), WrongPIN, 2, false},
		{"after a lock one more wrong PIN locks again", inLogin(0), tally.Tally{Times: tallytest.Ago(noon, tallytest.Times(10, 2*time.Hour)...).Times, LockedUntil: noon.Add(-time.Hour)}, MethodLocked, 0, true},
		{"the fifth here and the tenth in all end the login", inLogin(4), tallytest.Ago(noon, tallytest.Times(9, time.Hour)...), TriesSpent, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, wrong, got := missed(test.challenge, test.wrong, noon)
			if got.Cause != test.want || got.Left != test.left {
				t.Errorf("got %s, %d left; want %s, %d left", got.Cause, got.Left, test.want, test.left)
			}
			if void := c.Secret == nil && c.Half == "" && c.Last3 == ""; void != test.void {
				t.Errorf("got secrets erased: %v, want %v", void, test.void)
			}
			if c.Wrong != test.challenge.Wrong+1 || len(wrong.Times) != len(test.wrong.Times)+1 {
				t.Errorf("got %d in the login and %d in all, want one more each", c.Wrong, len(wrong.Times))
			}
		})
	}
}

func TestSent(t *testing.T) {
	t.Parallel()
	t.Run("a new PIN takes the place of the old one", func(t *testing.T) {
		t.Parallel()
		c := waiting(func(c *Challenge) { c.Wrong = 2 }).sent("q", "WXYZ", "111", []byte{2}, noon, noon.Add(time.Hour))
		if c.Person != "q" || c.Half != "WXYZ" || c.Last3 != "111" || c.Secret[0] != 2 || c.Sends != 2 || c.Wrong != 2 {
			t.Errorf("got %+v", c)
		}
		if !c.SentAt.Equal(noon) || !c.ExpiresAt.Equal(noon.Add(10*time.Minute)) {
			t.Errorf("got it sent at %v until %v", c.SentAt, c.ExpiresAt)
		}
	})
	t.Run("it lives no longer than the login", func(t *testing.T) {
		t.Parallel()
		c := waiting(nil).sent("p", "ABCD", "000", []byte{2}, noon, noon.Add(4*time.Minute))
		if !c.ExpiresAt.Equal(noon.Add(4 * time.Minute)) {
			t.Errorf("got %v, want the login's end", c.ExpiresAt)
		}
	})
}
