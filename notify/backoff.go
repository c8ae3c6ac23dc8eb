package notify

import "time"

// Waits between tries of one message. Our choice: a code lives ten minutes and
// the citizen is looking at the phone, so it is tried about fifteen times in
// that life; a notice can wait for a mail server that is down for a night.
const (
	firstWaitUrgent = time.Second
	mostWaitUrgent  = time.Minute
	firstWait       = 5 * time.Second
	mostWait        = 15 * time.Minute
)

// backoff is how long to wait after a message's nth try (from 1): doubling,
// bounded, and spread over the upper half by random (0 to 1), so that what
// failed together does not come back together.
func backoff(tries int, lane Lane, random float64) time.Duration {
	wait, most := firstWait, mostWait
	if lane.Urgent {
		wait, most = firstWaitUrgent, mostWaitUrgent
	}
	for range tries - 1 {
		if wait *= 2; wait >= most {
			wait = most
			break
		}
	}
	return wait/2 + time.Duration(random*float64(wait/2))
}
