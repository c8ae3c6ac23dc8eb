package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong in a file.
type Problem struct {
	File string
	// Line counts from 1; 0 when the problem is not at one line.
	Line int
	// Path names the field, as in oidc[0].redirect_uris[1]; empty is the whole file.
	Path string
	// Text says what is wrong and what to do about it.
	Text string
}

// Error writes FILE:LINE: PATH: TEXT, the form that editors jump to.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	return b.String() + ": " + p.Text
}

// Problems are all that is wrong, by file and line.
type Problems []Problem

// Error writes one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Join gathers the problems of several documents: nil when there are none,
// otherwise Problems.
func Join(documents ...*Document) error {
	var all Problems
	for _, d := range documents {
		all = append(all, d.problems...)
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return slices.CompactFunc(all, func(a, b Problem) bool { return a == b })
}
