package conf

import (
	"strings"
	"testing"
	"time"
)

// withLetters are good settings with a section for letters.
func withLetters(section string) []byte {
	return []byte(good + "letters:\n" + section)
}

func TestLetters(t *testing.T) {
	t.Parallel()
	disk := testShelf(t)
	disk["/folder/spool"], disk["/folder-open/spool"] = "", ""
	c, err := read("f", withLetters(`  spool: /folder/spool
  sender: [Ayuntamiento de Ejemplo, "Plaza Mayor, 1"]
`), noEnvironment, disk, noon)
	if err != nil || c.Letters.Window != "right" || c.Letters.Interval != time.Hour || c.Letters.Batch != 500 || len(c.Letters.Sender) != 2 {
		t.Errorf("got %v", err)
	}
	if c, err := read("f", []byte(good), noEnvironment, disk, noon); err != nil || c.Letters.Spool != "" {
		t.Errorf("without the section: got %v", err)
	}
	for _, test := range []struct{ name, section, want string }{
		{"a folder that is missing", "  spool: /nowhere\n  sender: [a]\n", "letters.spool: cannot be read"},
		{"a file", "  spool: /secret\n  sender: [a]\n", "letters.spool: is not a folder"},
		{"a folder for everybody", "  spool: /folder-open/spool\n  sender: [a]\n", "can be opened by everybody"},
		{"nobody writes", "  spool: /folder/spool\n", "letters.sender: wants one to 5 lines"},
		{"six lines", "  spool: /folder/spool\n  sender: [a, b, c, d, e, f]\n", "letters.sender: wants one to 5 lines"},
		{"a line that does not fit", "  spool: /folder/spool\n  sender: [a, " + strings.Repeat("x", 46) + "]\n", "letters.sender[1]: wants one to 45 characters"},
		{"another window", "  spool: /folder/spool\n  sender: [a]\n  window: top\n", "letters.window: is unknown"},
		{"a hurry", "  spool: /folder/spool\n  sender: [a]\n  interval: 1s\n", "letters.interval: wants 1m to 24h"},
		{"no letters in a batch", "  spool: /folder/spool\n  sender: [a]\n  batch: 0\n", "letters.batch: wants 1 to 5000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := read("f", withLetters(test.section), noEnvironment, disk, noon)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
