package registration

import (
	"time"

	"clave/internal/tally"
)

const (
	// Idle is how long a procedure stays after the last answer, Longest in all. What
	// was typed is gone then.
	// Source: our choice; an hour is enough to look for a letter in the house, and
	// every answer gives another. Who needs more may ask for it more than ten times,
	// as WCAG 2.2, success criterion 2.2.1, wants.
	Idle    = time.Hour
	Longest = 12 * time.Hour

	// CodeLength is how many digits the code has that goes to a phone or an address,
	// CodeLife and MailCodeLife how long it counts: mails take longer.
	// Source: our choice, as login.gov for phones; 5 tries of a million.
	CodeLength   = 6
	CodeLife     = 10 * time.Minute
	MailCodeLife = 30 * time.Minute
	// maxTries is how many wrong codes end a procedure.
	maxTries = 5
	// MaxSends is how many codes one procedure sends, SendSpacing apart, whatever
	// phones they go to.
	MaxSends    = 3
	SendSpacing = 30 * time.Second

	// PhoneLimit is how many messages go to one phone in 24 hours, those of logins
	// included, and how many codes to one address.
	// Source: our choice; a stranger could otherwise ring it all night.
	PhoneLimit = 10
	// documentLimit is how many phones may be asked for with one document in 24
	// hours: each answer tells whether the phone is another citizen's, and each code
	// gives five tries at a million.
	// Source: our choice.
	documentLimit = 10
)

func perDay(most int) []tally.Window { return []tally.Window{{Most: most, Within: tally.Day}} }
