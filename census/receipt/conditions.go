package receipt

// CurrentConditions is the version of the conditions that citizens are asked to accept
// now: year and month in which it came into force.
const CurrentConditions = "2026-11"
