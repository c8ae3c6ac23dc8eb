package registry

import (
	"encoding/json"
	"fmt"
	"strings"
)

// differences lists what changes from one state of a relying party to the next,
// one field a line; "" when nothing does. Either may be nil.
func differences(before, after *RelyingParty) string {
	var b strings.Builder
	switch {
	case before == nil:
		fmt.Fprintf(&b, "+ %s (new)\n", after.ID)
	case after == nil:
		fmt.Fprintf(&b, "- %s (removed)\n", before.ID)
	default:
		fmt.Fprintf(&b, "~ %s\n", after.ID)
	}
	old, fresh := flat(before), flat(after)
	changed := before == nil || after == nil
	all := map[string]string{}
	for path := range old {
		all[path] = ""
	}
	for path := range fresh {
		all[path] = ""
	}
	for _, path := range sortedKeys(all) {
		was, had := old[path]
		is, has := fresh[path]
		switch {
		case was == is && had == has:
			continue
		case !had:
			fmt.Fprintf(&b, "    + %s: %s\n", path, shown(path, is))
		case !has:
			fmt.Fprintf(&b, "    - %s: %s\n", path, shown(path, was))
		default:
			fmt.Fprintf(&b, "    ~ %s: %s -> %s\n", path, shown(path, was), shown(path, is))
		}
		changed = true
	}
	if !changed {
		return ""
	}
	return b.String()
}

// maxShown keeps certificates and metadata from filling the screen.
const maxShown = 80

func shown(path, value string) string {
	if strings.HasSuffix(path, "client_secret_hash") {
		return "(a secret)"
	}
	if len(value) > maxShown {
		return strings.ToValidUTF8(value[:maxShown], "") + "…"
	}
	return value
}

// flat gives the fields of a relying party by path. Lists of plain values are one
// field each; clients and services go by their name, so that one inserted before
// them does not make all of them differ.
func flat(p *RelyingParty) map[string]string {
	fields := map[string]string{}
	if p == nil {
		return fields
	}
	var value any
	if err := json.Unmarshal(Canonical(p), &value); err != nil {
		panic("registry: " + err.Error()) // it was written just now
	}
	flatten(fields, "", value)
	return fields
}

func flatten(fields map[string]string, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			at := name
			if path != "" {
				at = path + "." + name
			}
			flatten(fields, at, inner)
		}
		return
	case []any:
		if len(value) > 0 {
			if _, objects := value[0].(map[string]any); objects {
				for i, inner := range value {
					flatten(fields, path+"["+nameOf(inner, i)+"]", inner)
				}
				return
			}
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic("registry: " + err.Error()) // it was read from JSON
	}
	fields[path] = strings.Trim(string(text), `"`)
}

func nameOf(object any, i int) string {
	if fields, ok := object.(map[string]any); ok {
		for _, name := range []string{"client_id", "provider_name", "entity_id", "kid"} {
			if s, ok := fields[name].(string); ok {
				return s
			}
		}
	}
	return fmt.Sprint(i)
}
