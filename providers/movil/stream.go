package movil

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"clave/broker"
	"clave/internal/throttle"
)

// Limits of streams. Our choice.
const (
	// streamTime is how long one lasts. The browser then asks for another, perhaps at
	// another node; and what stands between us and it needs no patience.
	streamTime = time.Minute
	// lookEvery is how often the request is looked at.
	lookEvery = time.Second
	// mostStreams is how many a node keeps open, and mostOfOne how many of them for one
	// client network: each looks at the database all the time, and nobody has to log in
	// to open one. Who gets none asks now and then.
	mostStreams, mostOfOne = 2000, 200
	// slack is how much longer a browser may take to read the last of it.
	slack = 10 * time.Second
)

// streams are the streams of a node.
type streams struct {
	leaving chan struct{}
	leave   sync.Once

	mu    sync.Mutex
	taken int
	by    map[netip.Prefix]int
}

func newStreams() *streams {
	return &streams{leaving: make(chan struct{}), by: map[netip.Prefix]int{}}
}

// enter takes a place for a client network; false when all are taken, or all of its
// own, or the node is leaving.
func (s *streams) enter(network netip.Prefix) bool {
	select {
	case <-s.leaving:
		return false
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= mostStreams || s.by[network] >= mostOfOne {
		return false
	}
	s.taken++
	s.by[network]++
	return true
}

func (s *streams) exit(network netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.by[network]--; s.by[network] == 0 {
		delete(s.by, network)
	}
}

// Drain ends the streams and lets no more begin, for a node that is to stop: browsers
// ask the next one.
func (p *Provider) Drain() { p.streams.leave.Do(func() { close(p.streams.leaving) }) }

// streamState tells the page's script how the request stands, as server-sent events:
// each time that something changes, the QR included.
// Source: WHATWG HTML, section 9.2.
func (p *Provider) streamState(w http.ResponseWriter, r *http.Request) {
	network := throttle.Network(PlaceOf(r.Context()).Address)
	if !p.streams.enter(network) {
		w.Header().Set("Retry-After", "60")
		http.Error(w, "no more streams", http.StatusServiceUnavailable)
		return
	}
	defer p.streams.exit(network)
	ends := time.NewTimer(streamTime) // durations, not times of the product
	defer ends.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would collect it
	s := stream{to: w, control: http.NewResponseController(w)}
	// The server's times for reading a request and for answering it are shorter.
	until := time.Now().Add(streamTime + slack)
	if err := errors.Join(s.control.SetReadDeadline(until), s.control.SetWriteDeadline(until)); err != nil {
		p.fail(w, r, fmt.Errorf("opening a stream: %w", err))
		return
	}
	for {
		last, err := p.Watch(r.Context(), broker.From(r.Context()))
		if err != nil {
			if r.Context().Err() == nil {
				p.Log.WarnContext(r.Context(), "stream ended", "error", err.Error())
			}
			return
		}
		if err := s.send(p.state(last)); err != nil {
			return // the browser left
		}
		select {
		case <-look.C:
		case <-ends.C:
			return
		case <-p.streams.leaving:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// stream is one that is open.
type stream struct {
	to      http.ResponseWriter
	control *http.ResponseController
	last    state // without its drawing
}

// send sends a state, unless it is the one that was sent last.
func (s *stream) send(now state) error {
	if now == s.last {
		return nil
	}
	s.last = now
	text, err := now.text()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.to, "data: %s\n\n", text)
	return errors.Join(err, s.control.Flush())
}
