package sms

import (
	"fmt"
	"time"
)

// shortestLife is what must be left of a message to hand it over at all. Our
// choice: a centre needs some seconds to reach a phone, and a code that dies on
// its arrival only irritates.
const shortestLife = 5 * time.Second

// relativeValidity writes how long the centre may try, in the relative form
// YYMMDDhhmmss000R, so that neither clock nor time zone of the centre matters.
// Lives are rounded down to seconds; days are written as days, never as months,
// whose length is anybody's guess.
// Source: SMPP 3.4, section 7.1.1.1.
func relativeValidity(left time.Duration) string {
	seconds := int(min(left, 99*24*time.Hour) / time.Second)
	return fmt.Sprintf("0000%02d%02d%02d%02d000R", seconds/86400, seconds/3600%24, seconds/60%60, seconds%60)
}
