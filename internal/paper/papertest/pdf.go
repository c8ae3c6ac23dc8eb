// Package papertest reads PDF files as others do, for tests of what writes them.
package papertest

import (
	"bytes"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// apart keeps the library from the home directory of whoever runs the tests. It sets a
// variable of the library, so that it is called once and before anything reads it.
var apart = sync.OnceFunc(api.DisableConfigDir)

// Pages is how many pages a file has, or what makes it no valid PDF.
func Pages(pdf []byte) (int, error) {
	apart()
	if err := api.Validate(bytes.NewReader(pdf), model.NewDefaultConfiguration()); err != nil {
		return 0, err
	}
	return api.PageCount(bytes.NewReader(pdf), model.NewDefaultConfiguration())
}
