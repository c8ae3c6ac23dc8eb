package main

import (
	"time"

	"clave/notify/letter"
	"clave/store"
	"clave/web/lang"
	"clave/web/portal/procedure"
)

// letters are the settings of letters on paper.
type letters struct {
	House  letter.House
	Every  time.Duration
	Most   int // letters in a batch
	Sender []string
	Window letter.Window
}

// letters opens the print house's spool; nil where there is none.
func (s *service) letters() (*letters, error) {
	c := s.conf.Letters
	if c.Spool == "" {
		return nil, nil
	}
	spool, err := letter.OpenSpool(c.Spool)
	if err != nil {
		return nil, err
	}
	return &letters{House: spool, Every: c.Interval, Most: c.Batch, Sender: c.Sender, Window: letter.Window(c.Window)}, nil
}

// addLetters makes what hands letters over, where there is a print house. The store is
// returned to be swept.
func (in *installation) addLetters(texts *lang.Texts) *store.Letters {
	kept := store.NewLetters(in.db, in.keys.Columns())
	c := in.Letters
	if c == nil {
		return kept
	}
	frame := in.engine.Frame()
	courier := &letter.Courier{
		Batches: kept, House: c.House, Every: c.Every, Most: c.Most, Log: in.Log, Now: in.Now,
		Renderer: letter.NewRenderer(texts, letter.Settings{
			Name: frame.Name, Sender: c.Sender, Redeem: in.Issuer + procedure.LetterPath, Telephone: frame.Telephone, Zone: frame.Zone, Window: c.Window,
		}),
	}
	in.jobs = append(in.jobs, courier.Run)
	return kept
}

// sandboxLetters are the sandbox's: they come at once, into the inbox.
func sandboxLetters(inbox letter.House) *letters {
	return &letters{
		House: inbox, Every: 300 * time.Millisecond, Most: 100,
		Sender: []string{"Cl@ve sandbox", "Calle de la Prueba, 1", "28001 Madrid"},
	}
}
