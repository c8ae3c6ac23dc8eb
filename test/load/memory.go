package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// allocated is what the server has taken from Go's memory since it started, by
// its own metrics. It hardly depends on what else the machine does, so that runs
// of different hours can be compared.
func (m meter) allocated(ctx context.Context) (objects, bytes float64, err error) {
	address, err := url.Parse(m.server.issuer + "/metrics")
	if err != nil {
		return 0, 0, err
	}
	seen, err := (&browser{web: m.web, timings: newTimings()}).get(ctx, address)
	if err != nil {
		return 0, 0, fmt.Errorf("reading the server's metrics: %w", err)
	}
	objects, found := metric(seen.body, "go_memstats_mallocs_total")
	bytes, also := metric(seen.body, "go_memstats_alloc_bytes_total")
	if !found || !also {
		return 0, 0, errors.New("reading the server's metrics: they do not tell what was allocated")
	}
	return objects, bytes, nil
}

// metric is the value of a metric without labels in Prometheus' text.
func metric(text, name string) (float64, bool) {
	for line := range strings.Lines(text) {
		if rest, found := strings.CutPrefix(line, name+" "); found {
			value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			return value, err == nil
		}
	}
	return 0, false
}
