package console

import (
	"errors"
	"io/fs"

	"clave/web/page"
)

// parts is the file with what the pages of all packages of the console share.
const parts = "templates/console.html"

// Parse reads a template of a page of the console: with "title", "content" and,
// as partials of its own package, the further files. It may draw a [Head].
func (c *Console) Parse(own fs.FS, file string, partials ...string) *page.Template {
	return c.Engine.Parse(beside{own}, file, append(partials, parts)...)
}

// beside is the files of a package with the shared part beside them.
type beside struct{ own fs.FS }

// Open implements fs.FS.
func (b beside) Open(name string) (fs.File, error) {
	f, err := b.own.Open(name)
	if name == parts && errors.Is(err, fs.ErrNotExist) {
		return templates.Open(name)
	}
	return f, err
}
