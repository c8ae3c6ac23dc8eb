package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"clave/notify"
	"clave/notify/letter"
)

// lettersFolder is where the letters' files are, beside the inbox.
const lettersFolder = "letters"

// The inbox is also the print house: a letter that is staged has arrived.

// Name implements letter.House.
func (in *Inbox) Name() string { return "inbox" }

// Hold implements letter.House: the sandbox is one process.
func (in *Inbox) Hold() (release func(), err error) { return func() {}, nil }

// Stage implements letter.House. A letter that comes twice is kept once.
func (in *Inbox) Stage(_ context.Context, b letter.Batch, letters []letter.Printed) error {
	if err := os.MkdirAll(in.folder, 0o700); err != nil {
		return fmt.Errorf("putting letters into the inbox: %w", err)
	}
	arrived := make([]Received, 0, len(letters))
	for i, printed := range letters {
		l := b.Letters[i]
		if err := os.WriteFile(filepath.Join(in.folder, l.Number+".pdf"), printed.PDF, 0o600); err != nil {
			return fmt.Errorf("putting a letter into the inbox: %w", err)
		}
		arrived = append(arrived, Received{
			ID: l.Number, Time: in.now().UTC(), To: l.To.Name, Kind: notify.Letter, Purpose: string(l.Purpose),
			Body: printed.Text, Code: l.Code,
			Attachments: []Attachment{{Name: l.Number + ".pdf", URL: lettersPath + l.Number + ".pdf"}},
		})
	}
	return in.keep(arrived)
}

// Publish implements letter.House: there is nothing left to do.
func (in *Inbox) Publish(context.Context, string) (bool, error) { return true, nil }

const lettersPath = "/dev/inbox/letters/"

// letterFile serves the file of a letter.
func (p *Pages) letterFile(w http.ResponseWriter, r *http.Request) {
	number, err := letter.ParseNumber(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, lettersPath), ".pdf"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	pdf, err := os.ReadFile(filepath.Join(p.inbox.folder, number+".pdf"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		http.NotFound(w, r)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="`+number+`.pdf"`)
	_, _ = w.Write(pdf) // a browser that left needs no answer
}
