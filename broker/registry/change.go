package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"clave/internal/yamlfile"
)

// ErrChanged says that somebody else changed the register meanwhile: read it
// again, prepare again.
var ErrChanged = errors.New("the register of relying parties was changed by somebody else meanwhile")

// ErrUnknown says that there is no relying party with that id.
var ErrUnknown = errors.New("no relying party has that id")

// Register is everything that is stored, also what was removed: its sectors stay
// taken, because citizens' subjects hang on them.
type Register struct {
	Revision int64
	Parties  []*RelyingParty
	Removed  []*RelyingParty
}

// Change is what to do to the register as it was at revision Base.
type Change struct {
	Base   int64
	Put    []*RelyingParty
	Remove []string
	At     time.Time
	diff   string
}

// Store keeps the register of relying parties.
type Store interface {
	// Revision counts changes; it is asked often, and must be cheap.
	Revision(ctx context.Context) (int64, error)
	// Register reads everything. The parties are at least as new as the revision.
	Register(ctx context.Context) (Register, error)
	// Change does all of it or, with ErrChanged, nothing, when the revision is not
	// the one that the change was prepared for. It answers the new revision.
	Change(ctx context.Context, change Change) (int64, error)
}

// Empty tells whether there is nothing to do.
func (c Change) Empty() bool { return len(c.Put)+len(c.Remove) == 0 }

// Diff says what changes, for people; secrets are not in it.
func (c Change) Diff() string { return c.diff }

// Prepare finds what changes when the files are applied to the register as it
// is, or everything that is wrong with them (yamlfile.Problems). Parties that
// the files do not mention stay.
func Prepare(current Register, now time.Time, files ...*File) (Change, error) {
	stored := byID(current.Parties)
	removed := byID(current.Removed)
	claims := claims{}
	var documents []*yamlfile.Document
	next := byID(current.Parties)
	for _, f := range files {
		documents = append(documents, f.document)
		for i, p := range f.parties {
			at := fmt.Sprintf("[%d]", i)
			claims.id(f, at, p)
			next[p.ID] = p
			before := cmp.Or(stored[p.ID], removed[p.ID])
			if before != nil && before.Sector != p.Sector {
				f.document.Problem(at+".sector", "was %q and cannot change: every citizen would become somebody else at the service; "+
					"for a new sector register a new id", before.Sector)
			}
		}
	}
	// Parties that the files replace make room for what the files claim.
	for _, p := range current.Parties {
		if next[p.ID] == p {
			claims.party(nil, "", p)
		}
	}
	for _, p := range current.Removed {
		if next[p.ID] == nil {
			claims.sector(nil, "", p)
		}
	}
	change := Change{Base: current.Revision, At: now}
	var diff strings.Builder
	for _, f := range files {
		for i, p := range f.parties {
			claims.party(f, fmt.Sprintf("[%d]", i), p)
			if difference := differences(stored[p.ID], p); difference != "" {
				change.Put = append(change.Put, p)
				diff.WriteString(difference)
			}
		}
	}
	change.diff = diff.String()
	if err := yamlfile.Join(documents...); err != nil {
		return Change{}, err
	}
	return change, nil
}

// PrepareRemoval finds what changes when the party goes.
func PrepareRemoval(current Register, now time.Time, id string) (Change, error) {
	p := byID(current.Parties)[id]
	if p == nil {
		return Change{}, fmt.Errorf("removing relying party %q: %w", id, ErrUnknown)
	}
	return Change{Base: current.Revision, Remove: []string{id}, At: now, diff: differences(p, nil)}, nil
}

func byID(parties []*RelyingParty) map[string]*RelyingParty {
	m := make(map[string]*RelyingParty, len(parties))
	for _, p := range parties {
		m[p.ID] = p
	}
	return m
}

// Canonical is the one way in which a relying party is written as JSON, so that
// equal ones are equal bytes.
func Canonical(p *RelyingParty) []byte {
	data, err := json.Marshal(p)
	if err != nil {
		panic("registry: " + err.Error()) // every field can be written
	}
	return data
}

// FromCanonical reads what Canonical wrote.
func FromCanonical(data []byte) (*RelyingParty, error) {
	p := &RelyingParty{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("reading a stored relying party: %w", err)
	}
	return p, nil
}

// claims are the names that may be used once, by whom they are.
type claims map[string]claim

type claim struct {
	party, organisation, place string
}

// take claims a name, or tells who has it.
func (c claims) take(f *File, path string, p *RelyingParty, kind, name string) {
	key := kind + "\x00" + strings.ToLower(name)
	if holder, taken := c[key]; taken && f != nil {
		f.document.Problem(path, "the %s belongs to relying party %q already%s; names are compared without case", kind, holder.party, holder.place)
		return
	}
	c[key] = claim{party: p.ID, place: placeOf(f, path)}
}

func placeOf(f *File, path string) string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf(" (%s:%d)", f.document.File(), f.document.Line(path))
}

// id claims the id among the files: a stored party with that id is replaced.
func (c claims) id(f *File, at string, p *RelyingParty) {
	c.take(f, at+".id", p, "id", p.ID)
}

// party claims everything else.
func (c claims) party(f *File, at string, p *RelyingParty) {
	c.sector(f, at, p)
	for i := range p.OIDC {
		c.take(f, fmt.Sprintf("%s.oidc[%d].client_id", at, i), p, "client_id", p.OIDC[i].ClientID)
	}
	for i := range p.SAML {
		if id := p.SAML[i].EntityID; id != "" {
			c.take(f, fmt.Sprintf("%s.saml[%d]", at, i), p, "entity_id", id)
		}
	}
	for i := range p.Clave {
		c.take(f, fmt.Sprintf("%s.clave[%d].provider_name", at, i), p, "provider_name", ProviderKey(p.Clave[i].ProviderName))
	}
}

// sector lets parties of one organisation share a sector, and nobody else: who
// shares it can compare citizens. Our choice; the standard leaves it open.
func (c claims) sector(f *File, at string, p *RelyingParty) {
	key := "sector\x00" + p.Sector
	holder, taken := c[key]
	if taken && holder.organisation != p.Organisation.NIF && f != nil {
		f.document.Problem(at+".sector", "belongs to another organisation (relying party %q): citizens' subjects would be the same at both; choose another", holder.party)
		return
	}
	if !taken {
		c[key] = claim{party: p.ID, organisation: p.Organisation.NIF}
	}
}

// sortedKeys is for texts that must not change from run to run.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
