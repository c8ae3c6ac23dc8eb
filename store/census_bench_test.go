package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"clave/internal/pgcluster"
	"clave/store"
	"clave/store/storetest"
	"clave/test/load/people"
)

// BenchmarkSeal measures what one row costs the workers of an import, but for
// reading it.
func BenchmarkSeal(b *testing.B) {
	r := newRegister(b, storetest.Open(b, storetest.SQLiteURL(b)))
	citizen := people.New(1).Citizen(1)
	b.ReportAllocs()
	for b.Loop() {
		r.census.Seal(&citizen)
	}
}

func BenchmarkCandidate(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		b.Run(engine, func(b *testing.B) {
			r := newRegister(b, storetest.Open(b, url(b)))
			r.hold(b, spaniard(b, "12345678Z"))
			r.enrol(b, registered(b, "12345678Z", "+34600000001"))
			for name, number := range map[string]string{"known": "12345678Z", "unknown": "11111111H"} {
				asked := document(b, number)
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if _, err := r.persons.Candidate(context.Background(), asked); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// BenchmarkImport imports a million rows into an empty register with durable
// commits, the same file again, and a file that changes every row;
// -benchtime=1x is enough.
func BenchmarkImport(b *testing.B) {
	const rows = 1_000_000
	sqlite := func(b testing.TB) (string, int) { return storetest.SQLiteURL(b), 0 }
	for engine, open := range map[string]func(testing.TB) (url string, server int){"sqlite": sqlite, "postgres": durablePostgres} {
		b.Run(engine, func(b *testing.B) {
			ctx := context.Background()
			for b.Loop() {
				b.StopTimer()
				url, server := open(b)
				db, err := store.Open(ctx, url, store.Options{Durable: true})
				if err != nil {
					b.Fatal(err)
				}
				if err := db.Migrate(ctx); err != nil {
					b.Fatal(err)
				}
				r := newRegister(b, db)
				b.StartTimer()
				for _, round := range []struct {
					name string
					seed uint64
				}{{"new", 1}, {"again", 1}, {"changed", 2}} {
					before, own, theirs := b.Elapsed(), processorTime(b, os.Getpid()), processorTime(b, server)
					result, err := r.loadFile(ctx, people.New(round.seed).File(rows))
					if err != nil || result.Imported != rows {
						b.Fatal(result, err)
					}
					b.ReportMetric(rows/(b.Elapsed()-before).Seconds(), round.name+"_rows/s")
					b.ReportMetric((processorTime(b, os.Getpid())-own)/rows*1e6, round.name+"_cpu_us/row")
					b.ReportMetric((processorTime(b, server)-theirs)/rows*1e6, round.name+"_server_cpu_us/row")
				}
				b.StopTimer()
				db.Close()
				b.StartTimer()
			}
			b.ReportMetric(peakMemory(b), "peak_MB")
		})
	}
}

// durablePostgres is a cluster of its own that waits for the disk.
func durablePostgres(b testing.TB) (url string, postmaster int) {
	cluster, err := pgcluster.Start("max_wal_size = '4GB'")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			b.Error(err)
		}
	})
	return cluster.URL, cluster.PID
}

// processorTime is how many seconds a process and its children have worked, the
// only figure that other work on the machine does not spoil.
func processorTime(b testing.TB, pid int) (seconds float64) {
	const ticks = 100 // a second, on every Linux that Go runs on
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || pid == 0 {
		return 0
	}
	for _, name := range names {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		before, after, _ := strings.Cut(string(stat), " (")
		fields := strings.Fields(after[strings.LastIndexByte(after, ')')+1:])
		if before != strconv.Itoa(pid) && fields[1] != strconv.Itoa(pid) {
			continue
		}
		last := 13 // of user and system time
		if before == strconv.Itoa(pid) {
			last = 15 // and of children that have ended
		}
		for _, field := range fields[11:last] {
			n, err := strconv.Atoi(field)
			if err != nil {
				b.Fatal(err)
			}
			seconds += float64(n) / ticks
		}
	}
	return seconds
}

// peakMemory is the most that this process held so far, in megabytes.
func peakMemory(b testing.TB) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0 // another system; the number is not needed
	}
	for line := range strings.Lines(string(status)) {
		var kilobytes float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kilobytes); n == 1 {
			return kilobytes / 1024
		}
	}
	return 0
}
