package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// pins asks the app in front how many PINs it shows. The newest is the code that the
// citizen reads; none of them may be in any log.
func (w *world) pins(want string) error {
	status, said, err := w.scriptReads("/movil/api/now", nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%w: the app is open, it answers %d", errNot, status)
	}
	var news struct {
		PINs []struct {
			Service string `json:"service"`
			PIN     string `json:"pin"`
			Seconds int    `json:"seconds"`
		} `json:"pins"`
	}
	if err := json.Unmarshal(said, &news); err != nil {
		return fmt.Errorf("reading what the app shows: %w", err)
	}
	if got := strconv.Itoa(len(news.PINs)); got != want {
		return fmt.Errorf("%w: it shows %s PINs, not %s", errNot, got, want)
	}
	for i, p := range news.PINs {
		if p.Service == "" || p.Seconds <= 0 || p.Seconds > 600 {
			return fmt.Errorf("PIN %d is for %q, and lives for %d s", i, p.Service, p.Seconds)
		}
		w.codes = append(w.codes, p.PIN)
	}
	if len(news.PINs) > 0 {
		w.code = news.PINs[0].PIN
	}
	return nil
}

// subscribes turns the phone's notifications on: ADDRESS is what its browser says.
func (w *world) subscribes(address string) error {
	status, _, err := w.scriptReads("/movil/api/push", map[string]string{
		"endpoint": address, "auth": "BTBZMqHH6r4Tts7J_aSIgg",
		"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
	})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%w: the subscription is taken, it answers %d", errNot, status)
	}
	return err
}

// pushed waits for a push to the phone in front that was not seen yet. It says of what
// kind it is, and nothing else, whatever it was sent for.
func (w *world) pushed(kind string) error {
	if w.browser.phone == nil {
		return errors.New("the browser in front is no phone")
	}
	return eventually(quick, func() error {
		for _, n := range w.nodes {
			messages, err := n.inbox(w.browser.phone.device)
			if err != nil {
				return err
			}
			for _, m := range messages {
				if w.read[m.ID] {
					continue
				}
				w.read[m.ID] = true
				if want := `{"kind":"` + kind + `"}`; m.Body != want || m.Code != "" {
					return fmt.Errorf("the push says %s, not %s", m.Body, want)
				}
				return nil
			}
		}
		return errors.New("no push came")
	})
}
