package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

// profile records where the processor's time goes until finish is called, which
// writes beside it, as name.allocs, what was allocated where. With an empty name
// it does nothing.
func profile(name string) (finish func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("making the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the profile: %w", err), file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return errors.Join(file.Close(), allocations(name+".allocs"))
	}, nil
}

func allocations(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("making the profile: %w", err)
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}
