package push

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"clave/notify"
)

const (
	// maxAnswerBytes is how much of a push service's answer is read, so that the
	// connection can be used again.
	maxAnswerBytes = 4 << 10
	// longestRetryAfter bounds what a push service may ask for: a request dies in
	// minutes.
	longestRetryAfter = 2 * time.Minute
)

// Carrier hands messages to push services. It is safe for concurrent use.
type Carrier struct {
	settings Settings
	signers  Signers
	forget   Forgetter
	client   *http.Client
	now      func() time.Time
}

// New checks the settings, reporting all mistakes at once. It asks nobody.
func New(settings Settings, signers Signers, forget Forgetter, now func() time.Time) (*Carrier, error) {
	if err := settings.complete(); err != nil {
		return nil, fmt.Errorf("reading the push settings: %w", err)
	}
	return &Carrier{settings: settings, signers: signers, forget: forget, now: now, client: &http.Client{
		Timeout: settings.Timeout,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: settings.Timeout,
			MaxIdleConnsPerHost: settings.Parallel, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 32 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // it could lead anywhere
	}}, nil
}

// Deliver implements notify.Carrier.
func (c *Carrier) Deliver(ctx context.Context, messages []notify.Message) []notify.Result {
	results := make([]notify.Result, len(messages))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(c.settings.Parallel, len(messages)) {
		workers.Go(func() {
			for i := range next {
				results[i] = c.push(ctx, messages[i])
			}
		})
	}
	for i := range messages {
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}

func (c *Carrier) push(ctx context.Context, m notify.Message) notify.Result {
	left := m.ExpiresAt.Sub(c.now())
	if left < time.Second {
		return notify.Result{Outcome: notify.TooLate}
	}
	recipient, err := read(m.To)
	if err != nil {
		return notify.Result{Outcome: notify.Refused, Err: err}
	}
	to, err := c.settings.open(recipient)
	if err != nil {
		return notify.Result{Outcome: notify.Refused, Err: err}
	}
	request, err := c.request(ctx, m, to, left)
	if err != nil {
		return notify.Result{Outcome: notify.Refused, Err: err}
	}
	answer, err := c.client.Do(request)
	if err != nil {
		return notify.Result{Err: fmt.Errorf("posting to a push service: %w", withoutURL(err))}
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswerBytes)) // the status decides
	return c.classify(ctx, answer, recipient)
}

// request writes a message as RFC 8030, section 5, wants it.
func (c *Carrier) request(ctx context.Context, m notify.Message, to opened, left time.Duration) (*http.Request, error) {
	body, err := encrypt([]byte(m.Body), to)
	if err != nil {
		return nil, err
	}
	who, err := c.authorization(to.origin)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, ErrRecipient
	}
	h := request.Header
	h.Set("Authorization", who)
	h.Set("Content-Encoding", "aes128gcm")
	h.Set("Content-Type", "application/octet-stream")
	h.Set("TTL", strconv.Itoa(int(left/time.Second)))
	h.Set("Urgency", "normal")
	if m.Urgent {
		h.Set("Urgency", "high") // wakes a phone that sleeps
	}
	if m.Replaces != "" {
		h.Set("Topic", topic(m.Replaces))
	}
	return request, nil
}

// topic names what a newer push replaces; the push service learns nothing by it.
// Source: RFC 8030, section 5.4: at most 32 characters of base64url.
func topic(replaces string) string {
	sum := sha256.Sum256([]byte(replaces))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// withoutURL drops the address that net/http puts before its errors: who has it can
// disturb the app.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// classify reads an answer. A subscription that is no more is forgotten; what blames
// the message or us is final, for a push is worth little and the app asks by itself
// when it is opened.
// Source: RFC 8030, sections 5, 7.3 and 8.4; RFC 8292, section 4.2.
func (c *Carrier) classify(ctx context.Context, answer *http.Response, to Recipient) notify.Result {
	status := answer.StatusCode
	err := fmt.Errorf("the push service answered status %d", status)
	switch {
	case status >= 200 && status < 300:
		return notify.Result{Outcome: notify.Accepted}
	case status == http.StatusNotFound, status == http.StatusGone:
		if forgetting := c.forget.ForgetSubscription(ctx, to.Device, to.Endpoint); forgetting != nil {
			return notify.Result{Err: fmt.Errorf("forgetting a subscription: %w", forgetting)}
		}
		return notify.Result{Outcome: notify.Refused, Err: err}
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		return notify.Result{Err: err, After: retryAfter(answer.Header.Get("Retry-After"), c.now())}
	}
	return notify.Result{Outcome: notify.Refused, Err: err}
}

// retryAfter reads the header in either form, bounded; 0 when there is none.
// Source: RFC 9110, section 10.2.3.
func retryAfter(value string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(seconds, int(longestRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return max(0, min(wait, longestRetryAfter))
}
