package registrar

import (
	"errors"

	"clave/identity"
)

// Why something does not happen to a registration. The list is closed; nothing is
// changed, and the caller rolls its transaction back or says why. Any other error
// is an operator's matter.
var (
	// ErrNotKnown: the reference data do not hold the document.
	ErrNotKnown = errors.New("the reference data do not hold the document")
	// ErrNoPerson: there is no person of that id.
	ErrNoPerson = errors.New("no such person")
	// ErrDeceased: the reference data say that the person is dead.
	ErrDeceased = errors.New("the holder of the document is deceased")
	// ErrRevoked: the registration was revoked ex officio, and that was not lifted.
	ErrRevoked = errors.New("the registration is revoked ex officio")
	// ErrState: it is not possible in the present state, see [StateError].
	ErrState = errors.New("not possible in the state of the registration")
	// ErrNotHigher: the registration is advanced already.
	ErrNotHigher = errors.New("the registration has this level already")
	// ErrEvidence: what By states is not enough for this.
	ErrEvidence = errors.New("the evidence does not allow this")
	// ErrPhone: the phone of the registration was not proven, or it is another one by
	// now.
	ErrPhone = errors.New("the phone of the registration is not proven")
	// ErrOwnRecord: an officer acts on their own registration.
	ErrOwnRecord = errors.New("nobody acts on their own record")
	// ErrReason: an act ex officio without a reason.
	ErrReason = errors.New("an act ex officio needs a reason")
	// ErrUnchanged: the phone or e-mail is what it was, or none was given.
	ErrUnchanged = errors.New("nothing to change")
	// ErrOtherEmail: the address that was confirmed is no longer the person's.
	ErrOtherEmail = errors.New("the person has another address by now")
	// ErrConfirmed: the address was confirmed before.
	ErrConfirmed = errors.New("the address is confirmed already")
)

// StateError is ErrState with the state.
type StateError struct{ State identity.State }

// Error names the state.
func (e StateError) Error() string { return ErrState.Error() + ": " + string(e.State) }

// Unwrap returns ErrState.
func (e StateError) Unwrap() error { return ErrState }
