package store

import (
	"context"
	"fmt"
	"time"

	"clave/identity"
)

const voidInvitation = `
update invitations
set ending = 'void', ended_at = $2
where document_index = $1 and ended_at is null
returning letter_number`

// VoidInvitation ends the invitation of a document, and takes its letter back if that
// was not printed yet. It implements registrar.Invitations.
func (s *Invitations) VoidInvitation(ctx context.Context, document identity.DocumentID, now time.Time) error {
	var letters []string
	err := s.db.rows(ctx, voidInvitation, []any{s.of(document), micros(now)}, func(scan func(...any) error) error {
		var number string
		err := scan(&number)
		letters = append(letters, number)
		return err
	})
	if err != nil {
		return fmt.Errorf("voiding an invitation: %w", err)
	}
	for _, number := range letters {
		if err := s.db.exec(ctx, dropLetter, number, micros(now)); err != nil {
			return fmt.Errorf("taking letter %s back: %w", number, err)
		}
	}
	return nil
}
