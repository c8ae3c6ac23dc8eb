package page

import (
	"fmt"
	"time"
)

// Countdown is a time that runs out while a page is shown. Without scripts it is
// the sentence with the minutes that were left.
type Countdown struct {
	// Label is the text key before the time, such as "The PIN is valid for".
	Label string
	// Left is the time that is left now.
	Left time.Duration
}

// Seconds is the time left in whole seconds, never below 0.
func (c Countdown) Seconds() int { return max(0, int(c.Left/time.Second)) }

// Clock is the time left as minutes and seconds.
func (c Countdown) Clock() string {
	return fmt.Sprintf("%d:%02d", c.Seconds()/60, c.Seconds()%60)
}

// Minutes is the time left in whole minutes, rounded up, at least 1.
func (c Countdown) Minutes() int { return max(1, (c.Seconds()+59)/60) }
