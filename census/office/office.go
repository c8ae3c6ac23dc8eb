package office

import (
	"context"
	"time"
)

// Office is a place where citizens register in person.
type Office struct {
	// Code names the office for ever, such as its DIR3 code. What was done at the
	// office refers to it.
	Code string
	Name string
	// Address is street and number; PostalCode has five digits.
	Address, PostalCode, City, Province string
	// Hours and Services are as the office says them; they may be empty.
	Hours, Services string
	// Appointment is the https address where an appointment is made; it may be empty.
	Appointment string
	// Latitude and Longitude are decimal degrees (WGS 84), both or none.
	Latitude, Longitude string
}

// Located tells whether it is known where the office is on a map.
func (o Office) Located() bool { return o.Latitude != "" }

// Store keeps the directory.
type Store interface {
	// Version changes with each replacement; 0 before the first.
	Version(ctx context.Context) (int64, error)
	// Offices reads the directory and its version, of one moment.
	Offices(ctx context.Context) ([]Office, int64, error)
	// ReplaceOffices puts these in the place of all that were there, or changes
	// nothing.
	ReplaceOffices(ctx context.Context, offices []Office, now time.Time) error
}
