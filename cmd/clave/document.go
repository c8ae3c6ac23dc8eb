package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"clave/identity"
)

// documentOf reads the number that a command was given; - reads it from standard
// input, so that it stays out of the shell's history.
func documentOf(typed string) (identity.DocumentID, error) {
	if typed == "-" {
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return identity.DocumentID{}, fmt.Errorf("reading the document: %w", err)
		}
		typed = line
	}
	document, err := identity.ParseDocument(typed)
	if err != nil {
		return identity.DocumentID{}, fmt.Errorf("reading the document: %w", err)
	}
	return document, nil
}
