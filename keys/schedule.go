package keys

import (
	"fmt"
	"time"
)

// Schedule is how the keys of a use change. The zero value never changes them.
type Schedule struct {
	Every   time.Duration // how long a key is active; 0: until a command
	Publish time.Duration // how long before a scheduled change the next key is published
	Settle  time.Duration // how long a next key is published at least before a command may activate it
	Keep    time.Duration // how long a retired key still verifies and opens; 0: until it is removed by command
}

// DefaultSchedules returns the schedule of each use. All are our choice:
//   - oidc: relying parties read the JWKS every hour (its max-age), so an hour
//     and a margin settle a key; ID tokens are shown as hints within a session of
//     at most a day.
//   - audit: heads of the chain are verified for as long as the trail is kept.
//   - seal: one key may seal 2^32 values (NIST SP 800-38D, section 8.3), which
//     is 550 a second for 90 days. Old keys stay until no value is under them.
//   - cookie, pin: what they protect lives for half an hour at most.
//   - index: its change is a job over all rows; subject: never, because every
//     relying party would meet strangers.
//   - activation: by command only, and old keys stay: a code on paper is good
//     until a newer one or a withdrawal voids it.
//   - push: never. A browser's subscription takes messages under the one key that
//     it was made with (RFC 8292, section 4), so another would cut off every app.
//   - saml, clave: by command only, because services install our certificate by
//     hand or read it from metadata that they keep for hours. Old keys stay until
//     they are removed: a service may ask for time.
func DefaultSchedules() map[Use]Schedule {
	const day = 24 * time.Hour
	return map[Use]Schedule{
		UseOIDC:    {Every: 90 * day, Publish: day, Settle: 65 * time.Minute, Keep: day},
		UseAudit:   {Every: 365 * day, Publish: day, Settle: time.Minute},
		UseSeal:    {Every: 90 * day, Publish: time.Hour, Settle: time.Minute},
		UseCookie:  {Every: day, Publish: time.Hour, Settle: time.Minute, Keep: day},
		UsePIN:     {Every: 30 * day, Publish: time.Hour, Settle: time.Minute, Keep: day},
		UseIndex:   {},
		UseSubject: {},

		UseActivation: {Settle: time.Minute},
		UsePush:       {},

		UseSAML:  {Settle: day},
		UseClave: {Settle: day},
	}
}

// check reports a schedule under which verification would fail.
func (s Schedule) check(use Use) error {
	switch {
	case s.Every < 0 || s.Publish < 0 || s.Settle < 0 || s.Keep < 0:
		return fmt.Errorf("schedule of %s keys: durations must not be negative", use)
	case s.Every != 0 && s.Publish < s.Settle:
		return fmt.Errorf("schedule of %s keys: publish (%s) must be at least settle (%s), or keys are used before all know them", use, s.Publish, s.Settle)
	case s.Every != 0 && s.Every <= s.Publish:
		return fmt.Errorf("schedule of %s keys: every (%s) must be more than publish (%s)", use, s.Every, s.Publish)
	case s.Every != 0 && (use == UseIndex || use == UseSubject || use == UsePush || use.certified()):
		return fmt.Errorf("schedule of %s keys: they never change by schedule; set every to 0", use)
	}
	return nil
}

// act is one thing that is due in a ring.
type act struct {
	do string // actPublish, actPromote, actRemove
	id string // which key; the active one for actPublish
	at time.Time
}

const (
	actPublish = "publish" // make the next key, to be activated at `at`
	actPromote = "promote" // activate the next key
	actRemove  = "remove"  // delete a retired key
)

// due decides what the keys of one use and algorithm need now. It is called by
// every node; the store lets one of them do each act.
func due(records []Record, s Schedule, now time.Time) []act {
	var acts []act
	var active, next *Record
	for i := range records {
		switch r := &records[i]; r.State {
		case Active:
			active = r
		case Next:
			next = r
		case Retired:
			if s.expired(*r, now) {
				acts = append(acts, act{do: actRemove, id: r.ID})
			}
		}
	}
	switch {
	case next != nil && !next.ActivatesAt.IsZero() && !now.Before(next.ActivatesAt):
		acts = append(acts, act{do: actPromote, id: next.ID, at: now})
	case next == nil && active != nil && s.Every > 0:
		change := active.ActivatesAt.Add(s.Every)
		if !now.Before(change.Add(-s.Publish)) {
			// After a long standstill the key still waits until it is known.
			acts = append(acts, act{do: actPublish, id: active.ID, at: latest(change, now.Add(s.Publish))})
		}
	}
	return acts
}

// expired reports whether nothing that a retired key made can be live any more.
func (s Schedule) expired(r Record, now time.Time) bool {
	return r.State == Retired && s.Keep > 0 && !now.Before(r.RetiresAt.Add(s.Keep))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
