package registry

import (
	"fmt"

	"github.com/goccy/go-yaml"
)

// YAML writes relying parties as a file that can be applied again. Client
// secrets are hashes in it, certificates and metadata the texts themselves.
func YAML(parties ...*RelyingParty) ([]byte, error) {
	if len(parties) == 0 {
		return []byte("[]\n"), nil
	}
	list := []byte{'['}
	for i, p := range parties {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, Canonical(p)...)
	}
	out, err := yaml.JSONToYAML(append(list, ']'))
	if err != nil {
		return nil, fmt.Errorf("writing relying parties as YAML: %w", err)
	}
	return out, nil
}
