package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// maxWeight is what a page may weigh with everything it loads, over a cold cache.
const maxWeight = 100_000

// layout is what testdata/layout.js measures.
type layout struct {
	Room     float64  `json:"room"`
	Content  float64  `json:"content"`
	Wide     []string `json:"wide"`
	Headings int      `json:"headings"`
	Language string   `json:"language"`
	Title    string   `json:"title"`
	Heading  string   `json:"heading"`
	Summary  bool     `json:"summary"`
	Focused  string   `json:"focused"`
	Head     float64  `json:"head"`
	Styled   bool     `json:"styled"`
	Inline   int      `json:"inline"`
}

// look checks the page that is shown, in the state that the test has brought it
// into, and takes its picture if somebody wants to see it.
func (b *tab) look(page, state string) {
	b.t.Helper()
	b.shoot(page, state)
	b.measure(page, state)
	if b.noScript {
		return // axe is a script of the page; the same page is checked with scripts
	}
	for _, f := range b.axe() {
		for _, node := range f.Nodes {
			b.t.Errorf("%s (%s, %s): axe %s: %s: %s", page, state, b.name(), f.Rule, f.Help, node)
		}
	}
}

// measure checks what needs no axe.
func (b *tab) measure(page, state string) layout {
	b.t.Helper()
	l := ask[layout](b, "("+layoutScript+")()")
	fail := func(format string, args ...any) {
		b.t.Helper()
		b.t.Errorf("%s (%s, %s): "+format, append([]any{page, state, b.name()}, args...)...)
	}
	ours := strings.HasPrefix(b.place().address, b.issuer)
	if l.Content > l.Room || len(l.Wide) > 0 {
		fail("wider than the window of %v px: %v px; %s", l.Room, l.Content, strings.Join(l.Wide, ", "))
	}
	if l.Headings != 1 || l.Heading == "" {
		fail("%d h1, the first says %q", l.Headings, l.Heading)
	}
	if ours && !strings.EqualFold(l.Language, b.language) {
		fail("the page is in %q", l.Language)
	}
	if !l.Styled || l.Inline > 0 {
		fail("styled: %v; inline styles and scripts: %d", l.Styled, l.Inline)
	}
	if prefix := strings.Contains(l.Title, errorPrefix(b.language)); ours && prefix != l.Summary {
		fail("error summary: %v, but the title is %q", l.Summary, l.Title)
	}
	if l.Summary && !b.noScript && !b.keyboard && !strings.Contains(l.Focused, "error-summary") {
		fail("the error summary has not got the focus, but %s", l.Focused)
	}
	if share := l.Head / float64(b.height()); share > maxHead {
		fail("the head of the page takes %.0f %% of the screen", share*100)
	}
	if p := b.place(); p.weight > maxWeight {
		fail("the page weighs %d bytes", p.weight)
	}
	return l
}

// maxHead is how much of the first screen the frame may take from the question,
// with a service's name of 100 characters and somebody logged in.
const maxHead = 0.5

// errorPrefix begins the title of a page with errors.
func errorPrefix(language string) string {
	return map[string]string{
		"es": "Error:", "en": "Error:", "ca": "Error:", "gl": "Erro:", "eu": "Errorea:", "ca-valencia": "Error:",
	}[language]
}

func (b *tab) place() place {
	p, _ := b.watch.now()
	return p
}

// drawnScript loads the drawings that are shown, and tells whether all are there.
const drawnScript = `(async () => {
  const drawings = [...document.images].filter((image) => image.checkVisibility());
  for (const image of drawings) image.loading = "eager";
  return (await Promise.all(drawings.map((image) => image.decode().then(() => true, () => false)))).every(Boolean);
})()`

// shoot looks whether all drawings are there and, if somebody wants to see it, takes a
// picture of the whole page, with the drawings further down.
func (b *tab) shoot(name, state string) {
	b.t.Helper()
	if !b.noScript && !ask[bool](b, drawnScript) {
		b.t.Errorf("%s (%s): a drawing is missing", name, state)
	}
	if lab.pictures {
		b.photograph(name, state)
	}
}

// photograph takes the picture.
func (b *tab) photograph(name, state string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	answer, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		CaptureBeyondViewport: new(true), OptimizeForSpeed: new(true),
	})
	if err != nil {
		b.t.Errorf("taking a picture of %s (%s): %v", name, state, err)
		return
	}
	file := filepath.Join(lab.output, strings.Join([]string{name, state, b.name()}, "-")+".png")
	if err := os.WriteFile(file, answer.Data, 0o644); err != nil {
		b.t.Errorf("keeping a picture: %v", err)
	}
}
