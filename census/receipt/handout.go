package receipt

import (
	"context"
	"fmt"
	"time"
)

// Copies knows which files were handed out. Store is one.
type Copies interface {
	NoteCopy(ctx context.Context, id string, d Digest, at time.Time) error
}

// HandOut draws a receipt as PDF does, and notes the copy: without that, whoever checks
// the file later would be told that it is none of ours.
func (r *Renderer) HandOut(ctx context.Context, copies Copies, rc Receipt, activation string, at time.Time) ([]byte, error) {
	pdf, err := r.PDF(rc, activation)
	if err != nil {
		return nil, err
	}
	if err := copies.NoteCopy(ctx, rc.ID, DigestOf(pdf), at); err != nil {
		return nil, fmt.Errorf("noting a copy of receipt %s: %w", rc.ID, err)
	}
	return pdf, nil
}

// FileName is what the file is called where it is saved.
func (r Receipt) FileName() string { return "clave-" + r.Code + ".pdf" }
