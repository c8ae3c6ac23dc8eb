package registration

import (
	"errors"
	"time"

	"clave/identity"
)

// Cause is why a step leads no further now. The list is closed.
type Cause string

// The causes.
const (
	// WrongPair: document and datum do not belong together. Nothing more is told.
	WrongPair Cause = "wrong_pair"
	// PairLocked: too many wrong pairs with this document; Until tells the end.
	PairLocked Cause = "pair_locked"
	// NotEligible: the pair is right, and no letter is for who is in that State.
	NotEligible Cause = "not_eligible"
	// NoAddress: the reference data have no address for a letter.
	NoAddress Cause = "no_address"
	// LetterTooSoon and LettersSpent: a letter, or as many as may be, went out; Until
	// tells when the next one may.
	LetterTooSoon Cause = "letter_too_soon"
	LettersSpent  Cause = "letters_spent"
	// WrongInvitation: no letter to this citizen holds such a code; Left tells how
	// many more may be tried.
	WrongInvitation Cause = "wrong_invitation"
	// OldInvitation: it was used, has expired, or a newer letter replaced it; Left
	// likewise.
	OldInvitation Cause = "old_invitation"
	// InvitationLocked: too many wrong invitation codes; Until tells the end.
	InvitationLocked Cause = "invitation_locked"
	// TooSoon: the last SMS was sent less than SendSpacing ago; Until tells when.
	TooSoon Cause = "too_soon"
	// NoSendsLeft: this procedure sent MaxSends codes.
	NoSendsLeft Cause = "no_sends_left"
	// PhoneFull: the phone had its messages of the day; Until tells the end.
	PhoneFull Cause = "phone_full"
	// DocumentFull: with this document too many phones were asked for today.
	DocumentFull Cause = "document_full"
	// NoBudget: too many messages are being sent to that country just now.
	NoBudget Cause = "no_budget"
	// WrongCode: Left tells how many more may be tried.
	WrongCode Cause = "wrong_code"
	// TriesSpent: that was the last one; the procedure has ended.
	TriesSpent Cause = "tries_spent"
	// CodeExpired: the code is too old. It was not looked at.
	CodeExpired Cause = "code_expired"
	// NotKnown: the reference data do not hold the document.
	NotKnown Cause = "not_known"
	// NotEnough: what the citizen logged in with does not allow it.
	NotEnough Cause = "not_enough"
	// AdvancedAlready: the registration has no higher level to rise to.
	AdvancedAlready Cause = "advanced_already"
	// Unchanged: the phone or the address is the one that is registered.
	Unchanged Cause = "unchanged"
	// PhoneMoved: the phone of the registration is another one than when the code was
	// sent there.
	PhoneMoved Cause = "phone_moved"
	// EmailMoved: the address of the registration is another one than when the code
	// was sent there.
	EmailMoved Cause = "email_moved"
	// ConfirmedAlready: the address was confirmed before.
	ConfirmedAlready Cause = "confirmed_already"
	// OwnRecord: an officer acts on themselves.
	OwnRecord Cause = "own_record"
)

// Denied is an answer that is not a mistake: it says why a step leads no further.
// What had to be counted was.
type Denied struct {
	Cause Cause
	Until time.Time
	Left  int
	State identity.State
}

// Error names the cause and nothing personal.
func (d *Denied) Error() string { return "registration denied: " + string(d.Cause) }

// ErrStep says that the procedure is not where the answer belongs: another tab was
// quicker, or the citizen came by a bookmark. Its page leads to where it stands.
var ErrStep = errors.New("the procedure stands at another step")
