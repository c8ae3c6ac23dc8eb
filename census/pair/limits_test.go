package pair_test

import (
	"testing"
	"time"

	"clave/census/pair"
	"clave/internal/tally"
	"clave/internal/tally/tallytest"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestPairLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		counted tally.Tally
		until   time.Time
	}{
		{"nothing counted leaves room", tally.Tally{}, time.Time{}},
		{"four in the hour leave room", tallytest.Ago(noon, tallytest.Times(4, time.Minute)...), time.Time{}},
		{"five in the hour lock until the first is an hour old", tallytest.Ago(noon, 50*time.Minute, 4*time.Minute, 3*time.Minute, 2*time.Minute, 0), noon.Add(10 * time.Minute)},
		{"an hour to the moment is over", tallytest.Ago(noon, time.Hour, 4*time.Minute, 3*time.Minute, 2*time.Minute, 0), time.Time{}},
		{"nineteen in the day leave room", tallytest.Ago(noon, tallytest.Times(19, 5*time.Hour)...), time.Time{}},
		{"twenty in the day lock until the first is a day old", tallytest.Ago(noon, tallytest.Times(20, 5*time.Hour)...), noon.Add(19 * time.Hour)},
		{"of two limits the later end counts", tallytest.Ago(noon, append(tallytest.Times(15, 23*time.Hour+30*time.Minute), tallytest.Times(5, 10*time.Minute)...)...), noon.Add(50 * time.Minute)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.counted.Full(pair.Limits(), noon); !got.Equal(test.until) {
				t.Errorf("got %v, want %v", got, test.until)
			}
		})
	}
}
