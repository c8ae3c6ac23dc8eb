package e2e

import (
	"errors"
	"io"
	"net"
	"sync"
)

// balancer holds the issuer's address, as a load balancer does in front of an
// installation: it passes each connection on to the node in use, whoever lives or
// dies behind it.
type balancer struct {
	listener net.Listener
	port     string

	mu     sync.Mutex
	target string
	lose   bool
	work   sync.WaitGroup
}

func listen() (*balancer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	b := &balancer{listener: l, port: port}
	b.work.Go(b.accept)
	return b, nil
}

func (b *balancer) close() {
	_ = b.listener.Close() // a listener that does not close is no reason to fail
	b.work.Wait()
}

// use sends what comes from now on to the address.
func (b *balancer) use(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.target = address
}

// loseNext drops the answer of the next connection, after the node began to write
// it.
func (b *balancer) loseNext() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lose = true
}

func (b *balancer) accept() {
	for {
		client, err := b.listener.Accept()
		if err != nil {
			return
		}
		b.mu.Lock()
		target, lose := b.target, b.lose
		b.lose = false
		b.mu.Unlock()
		b.work.Go(func() { pass(client, target, lose) })
	}
}

// pass connects a client with a node until either ends.
func pass(client net.Conn, target string, lose bool) {
	defer client.Close()
	node, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer node.Close()
	var up sync.WaitGroup
	up.Go(func() {
		_, _ = io.Copy(node, client) // either side may break off: that is what is played here
		if c, ok := node.(*net.TCPConn); ok && !lose {
			_ = c.CloseWrite()
		}
	})
	if lose {
		_, _ = node.Read(make([]byte, 1))
	} else {
		_, _ = io.Copy(client, node)
	}
	_ = node.Close()
	_ = client.Close()
	up.Wait()
}
