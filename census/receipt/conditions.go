package receipt

import (
	"embed"
	"fmt"
	"strings"

	"clave/web/lang"
)

// CurrentConditions is the version of the conditions that citizens are asked to accept
// now: year and month in which it came into force. Versions once accepted stay in the
// program for ever.
const CurrentConditions = "2026-11"

// The conditions of each version and language. A line that begins with # is a heading.
//
//go:embed conditions
var conditionsFiles embed.FS

// Condition is one of the conditions.
type Condition struct{ Title, Text string }

// Conditions are the conditions of use in a language, as accepted in some version; an
// error for a version that there never was.
func Conditions(version string, l lang.Language) ([]Condition, error) {
	text, err := conditionsFiles.ReadFile("conditions/" + version + "/" + string(l) + ".txt")
	if err != nil {
		return nil, fmt.Errorf("reading the conditions: there is no version %q in %s", version, l)
	}
	var all []Condition
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		title, words, found := strings.Cut(strings.TrimPrefix(block, "# "), "\n")
		if !found || !strings.HasPrefix(block, "# ") {
			return nil, fmt.Errorf("reading the conditions: version %s in %s has a paragraph without heading", version, l)
		}
		all = append(all, Condition{Title: title, Text: words})
	}
	return all, nil
}
