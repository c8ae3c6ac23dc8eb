// Package yamlfile reads the YAML files that operators write, strictly and into
// Go structs, and tells everything that is wrong with one at once: each problem
// with file, line and remedy. Who reads a file adds problems of its own through
// the [Document], by the path of the field.
//
// Fields are named by the tag yaml, else json; other fields are not read. A
// field that no struct has is a problem, with the nearest name that exists.
// Values are not repeated in a problem, since they may be secrets, unless by the
// UnmarshalText of the field's own type.
//
// Anchors, aliases, merge keys and tags are refused. Our choice: these files are
// read by people under pressure, so what a line says stands in that line.
package yamlfile
