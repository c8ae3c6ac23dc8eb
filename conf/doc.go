// Package conf holds the settings of an installation, one struct a section. The
// comments of the fields are the manual: `clave config example` prints them as
// the file that an operator begins with.
//
// A file is read as a whole and everything that is wrong with it is told at
// once, with line and remedy. Secrets stand in files of their own, which only
// the product's account can read.
package conf
