package e2e

import (
	"encoding/json"
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
