package trust

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Live is the trust of a node that runs: its files and the trusted list, of which
// either may change. It is safe for concurrent use; logins see the one or the other
// state, never something between.
type Live struct {
	paths   []string
	current atomic.Pointer[Store]

	mu    sync.Mutex
	files []*x509.Certificate
	seen  string // state of the files
	list  Listed
}

// Open reads the files; none are fine where a trusted list will be set.
func Open(paths []string, now time.Time) (*Live, error) {
	l := &Live{paths: paths}
	if _, err := l.Reload(now); err != nil {
		return nil, err
	}
	return l, nil
}

// Chain is Store's, of this moment.
func (l *Live) Chain(presented []*x509.Certificate, now time.Time) ([]*x509.Certificate, error) {
	return l.current.Load().Chain(presented, now)
}

// Reload reads the files again if one of them was changed, and tells whether it took
// them. What is wrong with them leaves the former ones in use, and is told once.
func (l *Live) Reload(now time.Time) (changed bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	state := stateOf(l.paths)
	if l.current.Load() != nil && state == l.seen {
		return false, nil
	}
	l.seen = state
	files, err := Load(l.paths, now)
	if err != nil {
		return false, err
	}
	l.files = files
	l.current.Store(build(l.files, l.list))
	return true, nil
}

// List sets what the trusted list says.
func (l *Live) List(listed Listed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = listed
	l.current.Store(build(l.files, l.list))
}

// stateOf describes the files, so that it differs when one was changed.
func stateOf(paths []string) string {
	var b strings.Builder
	see := func(path string) {
		info, err := os.Stat(path)
		if err != nil {
			fmt.Fprintf(&b, "%s: %v\n", path, err)
			return
		}
		fmt.Fprintf(&b, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
	}
	for _, path := range paths {
		see(path)
		entries, err := os.ReadDir(path)
		if err != nil {
			continue // a file
		}
		for _, e := range entries {
			see(filepath.Join(path, e.Name()))
		}
	}
	return b.String()
}
