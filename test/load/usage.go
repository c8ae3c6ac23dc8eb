package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/PID/stat: USER_HZ, 100 on every Linux.
const tick = 10 * time.Millisecond

// process is one line of /proc/PID/stat.
type process struct {
	parent int
	spent  time.Duration // of its own
	reaped time.Duration // of its children that have ended
}

func readProcess(pid int) (process, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	// The name stands in brackets and may hold anything.
	end := bytes.LastIndexByte(text, ')')
	if end < 0 {
		return process{}, errors.New("reading /proc: no name")
	}
	fields := strings.Fields(string(text[end+1:]))
	if len(fields) < 15 {
		return process{}, errors.New("reading /proc: too few fields")
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(fields[i]) // the kernel writes numbers
		return n
	}
	return process{
		parent: number(1),
		spent:  time.Duration(number(11)+number(12)) * tick,
		reaped: time.Duration(number(13)+number(14)) * tick,
	}, nil
}

// spentBy is the processor time of a process, its living children and those
// that have ended.
func spentBy(pid int) (time.Duration, error) {
	root, err := readProcess(pid)
	if err != nil {
		return 0, fmt.Errorf("reading the processor time of process %d: %w", pid, err)
	}
	sum := root.spent + root.reaped
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, folder := range folders {
		child, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		if p, err := readProcess(child); err == nil && p.parent == pid { // others end while we look
			sum += p.spent + p.reaped
		}
	}
	return sum, nil
}

// memory reads a line of /proc/PID/status such as VmRSS or VmHWM, in MB.
func memory(pid int, line string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	for l := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(l, line+":"); found {
			kb, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			return float64(kb) / 1024, err
		}
	}
	return 0, fmt.Errorf("reading the memory of process %d: no %s", pid, line)
}
