// Package logins tests the broker on real databases, through its pages, with a
// front and a method that do what the test says.
package logins
