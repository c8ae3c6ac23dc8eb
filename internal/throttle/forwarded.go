package throttle

import "strings"

// forwardedFor lists the "for" of each element of a Forwarded header from left
// to right; "" for an element without one. Commas and semicolons inside quoted
// strings part nothing. A header that ends inside a quoted string is malformed
// and lists nothing: otherwise a client could open a quote and swallow what the
// proxy writes behind it.
// Source: RFC 7239, section 4.
func forwardedFor(line string) []string {
	if strings.TrimSpace(line) == "" {
		return nil
	}
	elements, ok := splitQuoted(line, ',')
	if !ok {
		return nil
	}
	var hops []string
	for _, element := range elements {
		hop := ""
		pairs, _ := splitQuoted(element, ';') // its quotes are closed
		for _, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			if strings.EqualFold(strings.TrimSpace(name), "for") {
				hop = unquote(strings.TrimSpace(value))
			}
		}
		hops = append(hops, hop)
	}
	return hops
}

// splitQuoted parts s at separators outside of quoted strings; false when a
// quoted string does not end.
func splitQuoted(s string, separator byte) (parts []string, ok bool) {
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:]), !quoted
}

// unquote takes the quotes off; addresses need no escapes, so there are none.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}
