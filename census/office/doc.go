// Package office is the directory of registration offices: what an office is, how
// a directory is read from a file, and how citizens find the one that is near.
//
//	file ── Read ──► offices ── Store.ReplaceOffices ──► database
//	                                                        │ one look at the version
//	citizen ── Directory.Search ◄── offices in memory ◄─────┘
//
// A directory has thousands of rows and no personal data, so that each node keeps
// it in memory and searches there: the rules of the search are plain functions.
// Whoever shows what was found is elsewhere.
package office
