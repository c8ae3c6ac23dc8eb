package audit

import (
	"time"

	"clave/identity"
)

// Kind names what happened, as it is stored.
type Kind string

// Data is what happened. The list is closed: the types of this file and of
// registration.go.
type Data interface{ Kind() Kind }

// The kinds.
const (
	KindPINRequested        Kind = "pin_requested"
	KindPINWrong            Kind = "pin_wrong"
	KindPINLocked           Kind = "pin_locked"
	KindPairWrong           Kind = "pair_wrong"
	KindPairLimitReached    Kind = "pair_limit_reached"
	KindDeceasedUsed        Kind = "deceased_used"
	KindLoginFinished       Kind = "login_finished"
	KindLoginRefused        Kind = "login_refused"
	KindSessionEnded        Kind = "session_ended"
	KindCodeReplayed        Kind = "code_replayed"
	KindRefreshReused       Kind = "refresh_reused"
	KindGrantRevoked        Kind = "grant_revoked"
	KindKeyCreated          Kind = "key_created"
	KindKeyScheduled        Kind = "key_scheduled"
	KindKeyActivated        Kind = "key_activated"
	KindKeyRetired          Kind = "key_retired"
	KindKeyRemoved          Kind = "key_removed"
	KindRelyingPartyChanged Kind = "relying_party_changed"
	KindCensusImported      Kind = "census_imported"
	KindCensusShown         Kind = "census_shown"
	KindDocumentFollowed    Kind = "document_followed"
	KindInvitationIssued    Kind = "invitation_issued"
	KindInvitationWrong     Kind = "invitation_wrong"
	KindLetterReturned      Kind = "letter_returned"
	KindOfficesImported     Kind = "offices_imported"
	KindAuditExported       Kind = "audit_exported"
	KindAuditPruned         Kind = "audit_pruned"
	KindAuditChainCut       Kind = "audit_chain_cut"
)

// PINRequested: a PIN was sent. Opening a login writes nothing, so this is the
// first event of one.
type PINRequested struct {
	Sent int `json:"sent"` // how many in this login, this one included
}

// PINWrong: a wrong PIN was typed.
type PINWrong struct {
	InLogin int `json:"in_login"` // wrong ones in this login, this one included
	InDay   int `json:"in_day"`   // wrong ones of this citizen in 24 hours, this one included
}

// PINLocked: the method is closed to a citizen after too many wrong PINs.
type PINLocked struct {
	Until time.Time `json:"until"` // the zero time: until the citizen proves otherwise who they are
}

// PairWrong: document and contrast datum do not belong together, or nobody has the
// document. The document stands in Personal.
type PairWrong struct {
	InHour int `json:"in_hour"` // wrong pairs with this document, this one included
}

// PairLimitReached: no more pairs are taken for a document. The document stands in
// Personal.
type PairLimitReached struct {
	Until time.Time `json:"until"`
}

// DeceasedUsed: somebody used the document of a deceased person. Someone should look.
type DeceasedUsed struct{}

// LoginFinished: the relying party gets its answer.
type LoginFinished struct {
	Method       identity.Method       `json:"method"`
	Level        identity.Level        `json:"level"`
	Registration identity.Registration `json:"registration"`
	Fresh        bool                  `json:"fresh"` // proven in this login; otherwise by the session
}

// LoginRefused: the login ended without an answer.
type LoginRefused struct {
	Reason string `json:"reason"` // a broker.Reason
}

// SessionEnded: a session was ended before its time.
type SessionEnded struct {
	Session string `json:"session"` // its public name
	Reason  string `json:"reason"`  // such as logout, other_person, withdrawn
}

// CodeReplayed: an authorization code was redeemed twice; what it gave was revoked.
type CodeReplayed struct {
	Client string `json:"client"`
	Grant  string `json:"grant,omitempty"`
}

// RefreshReused: a refresh token that was replaced came back; its grant was revoked.
type RefreshReused struct {
	Client string `json:"client"`
	Grant  string `json:"grant,omitempty"`
}

// GrantRevoked: what was issued for a login was revoked.
type GrantRevoked struct {
	Client string `json:"client,omitempty"`
	Grant  string `json:"grant,omitempty"`
	Reason string `json:"reason"` // such as logout, withdrawn, by_client
}

// KeyCreated: a key was made.
type KeyCreated struct {
	Key string `json:"key"`
	Use string `json:"use"`
	Alg string `json:"alg"`
}

// KeyScheduled: a next key was told to come into use at another time.
type KeyScheduled struct {
	Key         string    `json:"key"`
	Use         string    `json:"use"`
	Alg         string    `json:"alg"`
	ActivatesAt time.Time `json:"activates_at"`
}

// KeyActivated: a key came into use.
type KeyActivated struct {
	Key string `json:"key"`
	Use string `json:"use"`
	Alg string `json:"alg"`
}

// KeyRetired: a key went out of use.
type KeyRetired struct {
	Key string `json:"key"`
	Use string `json:"use"`
	Alg string `json:"alg"`
}

// KeyRemoved: a retired key was deleted, because nothing under it can be live.
type KeyRemoved struct {
	Key string `json:"key"`
	Use string `json:"use"`
	Alg string `json:"alg"`
}

// RelyingPartyChanged: the registration of a relying party was changed. Which one
// stands in the event.
type RelyingPartyChanged struct {
	Change string `json:"change"` // added, changed or removed
}

// CensusImported: reference data were brought in.
type CensusImported struct {
	Imported int64 `json:"imported"`
	Replaced int64 `json:"replaced"`
	Rejected int64 `json:"rejected"`
}

// CensusShown: an operator looked at what is held about a person. The document
// stands in Personal.
type CensusShown struct {
	Reason   string `json:"reason"`
	Revealed bool   `json:"revealed"` // with the personal values
}

// DocumentFollowed: the register says that a person has another document number
// now. The person keeps the internal id, and with it every service's subject.
type DocumentFollowed struct{}

// InvitationIssued: a letter with an invitation code was queued. The document stands in
// Personal for who has no internal id yet.
type InvitationIssued struct {
	Letter  string `json:"letter"`   // its number
	InMonth int    `json:"in_month"` // letters for this document in 30 days, this one included
}

// InvitationWrong: a code was typed that no letter to this citizen has, or an old one.
type InvitationWrong struct {
	InTenMinutes int `json:"in_ten_minutes"` // wrong ones for this document, this one included
}

// LetterReturned: the post brought a letter back.
type LetterReturned struct {
	Letter string `json:"letter"` // its number
	Voided bool   `json:"voided"` // it carried a code that was still good
}

// OfficesImported: the directory of registration offices was replaced.
type OfficesImported struct {
	Imported int `json:"imported"`
	Replaced int `json:"replaced"` // how many the former directory had
	Rejected int `json:"rejected"`
}

// AuditExported: somebody read the trail.
type AuditExported struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Revealed bool      `json:"revealed"` // with the personal values
	Reason   string    `json:"reason,omitempty"`
}

// AuditPruned: batches were dropped with their events because their time is over.
type AuditPruned struct {
	Through int64     `json:"through"` // the last batch dropped
	Before  time.Time `json:"before"`  // what happened earlier need not be kept
}

// AuditChainCut: the newest batch that a node knew is gone from the chain.
// Someone should look now.
type AuditChainCut struct {
	Seq  int64  `json:"seq"`
	Head string `json:"head"` // hexadecimal
}

// Kind implements Data.
func (PINRequested) Kind() Kind { return KindPINRequested }

// Kind implements Data.
func (PINWrong) Kind() Kind { return KindPINWrong }

// Kind implements Data.
func (PINLocked) Kind() Kind { return KindPINLocked }

// Kind implements Data.
func (PairWrong) Kind() Kind { return KindPairWrong }

// Kind implements Data.
func (PairLimitReached) Kind() Kind { return KindPairLimitReached }

// Kind implements Data.
func (DeceasedUsed) Kind() Kind { return KindDeceasedUsed }

// Kind implements Data.
func (LoginFinished) Kind() Kind { return KindLoginFinished }

// Kind implements Data.
func (LoginRefused) Kind() Kind { return KindLoginRefused }

// Kind implements Data.
func (SessionEnded) Kind() Kind { return KindSessionEnded }

// Kind implements Data.
func (CodeReplayed) Kind() Kind { return KindCodeReplayed }

// Kind implements Data.
func (RefreshReused) Kind() Kind { return KindRefreshReused }

// Kind implements Data.
func (GrantRevoked) Kind() Kind { return KindGrantRevoked }

// Kind implements Data.
func (KeyCreated) Kind() Kind { return KindKeyCreated }

// Kind implements Data.
func (KeyScheduled) Kind() Kind { return KindKeyScheduled }

// Kind implements Data.
func (KeyActivated) Kind() Kind { return KindKeyActivated }

// Kind implements Data.
func (KeyRetired) Kind() Kind { return KindKeyRetired }

// Kind implements Data.
func (KeyRemoved) Kind() Kind { return KindKeyRemoved }

// Kind implements Data.
func (RelyingPartyChanged) Kind() Kind { return KindRelyingPartyChanged }

// Kind implements Data.
func (CensusImported) Kind() Kind { return KindCensusImported }

// Kind implements Data.
func (CensusShown) Kind() Kind { return KindCensusShown }

// Kind implements Data.
func (DocumentFollowed) Kind() Kind { return KindDocumentFollowed }

// Kind implements Data.
func (InvitationIssued) Kind() Kind { return KindInvitationIssued }

// Kind implements Data.
func (InvitationWrong) Kind() Kind { return KindInvitationWrong }

// Kind implements Data.
func (LetterReturned) Kind() Kind { return KindLetterReturned }

// Kind implements Data.
func (OfficesImported) Kind() Kind { return KindOfficesImported }

// Kind implements Data.
func (AuditExported) Kind() Kind { return KindAuditExported }

// Kind implements Data.
func (AuditPruned) Kind() Kind { return KindAuditPruned }

// Kind implements Data.
func (AuditChainCut) Kind() Kind { return KindAuditChainCut }
