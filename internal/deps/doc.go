// Package deps keeps the shape of the code: rules.txt says which package may
// import which, and the test beside it reads all source and says what breaks a
// rule. It holds no code that runs in the product.
package deps
