package lang_test

import (
	"testing"

	"clave/web/lang"
)

func TestTheSixFilesAgree(t *testing.T) {
	t.Parallel()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := texts.Check(); err != nil {
		t.Fatal(err)
	}
}
