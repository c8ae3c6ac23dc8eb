package audit

import "time"

// MaxDelay is how long after Record an event's transaction may commit and the
// event still be sealed. Our choice: longer than any request may take.
const MaxDelay = 30 * time.Second
