package movil

import "errors"

// HereExpired: what the keys of this browser were asked to sign is too old.
const HereExpired Cause = "here_expired"

// ErrDigits says that what was typed cannot be the digits, so that it is no try.
var ErrDigits = errors.New("there are three digits")
