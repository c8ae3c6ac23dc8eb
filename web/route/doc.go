// Package route is the product's table of addresses: every package returns its
// []Route, each Route says who may call it, and Mount puts the guards in front
// of the handlers, so that no handler has to remember them.
//
//	request → headers → recover → throttle → body limit → cross-origin check
//	        → around (facts for the page) → access guard → handler
//
// The package knows nothing about logins, citizens or officers: the guards that
// do are handed in by their owners through Guards.
package route
