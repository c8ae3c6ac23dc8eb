package registry

import (
	"encoding/hex"
	"errors"
	"strings"
)

// Hash is a SHA-256, in files 64 hexadecimal digits.
type Hash []byte

// MarshalText writes hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	sum, err := hex.AppendDecode(nil, text)
	if err != nil || len(sum) != 32 {
		return errors.New("is not the 64 hexadecimal digits of a SHA-256")
	}
	*h = sum
	return nil
}

// ScopeList is written as words with a space between. Source: RFC 7591 section 2.
type ScopeList []string

// MarshalText writes the scopes with a space between.
func (s ScopeList) MarshalText() ([]byte, error) { return []byte(strings.Join(s, " ")), nil }

// UnmarshalText reads words.
func (s *ScopeList) UnmarshalText(text []byte) error {
	*s = strings.Fields(string(text))
	return nil
}
