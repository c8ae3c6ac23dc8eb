package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"clave/notify"
)

// maxAnswerBytes is how much of a gateway's answer is read.
const maxAnswerBytes = 64 << 10

// longestRetryAfter bounds what a gateway may ask for: a code dies in minutes.
const longestRetryAfter = 5 * time.Minute

// GatewaySettings describe an SMS gateway that takes JSON over HTTPS. Zero
// values take the defaults.
type GatewaySettings struct {
	// Name tells several gateways apart in stored ids. Default "gateway".
	Name string
	// URL to post to. https; http only to loopback.
	URL string
	// SecretFile holds the bearer secret. It is read for each batch, so a new
	// secret needs no restart.
	SecretFile string
	// Sender is what phones show, if the gateway lets us choose.
	Sender string
	// Timeout of one request. Default 10 s.
	Timeout time.Duration
	// Parallel requests. Default 10.
	Parallel int
	// Transport is for a private certificate authority or a proxy; nil is the
	// standard one.
	Transport http.RoundTripper
}

// Gateway is a carrier over an HTTP gateway.
//
// It posts {"id","to","text","sender","validity_seconds"} with the message's id
// as Idempotency-Key too, which makes a repetition safe: the gateway answers it
// like the first. An answer 2xx may hold {"id"}, the gateway's name for the
// message. Receipts are not taken back.
type Gateway struct {
	settings GatewaySettings
	client   *http.Client
	now      func() time.Time
}

// NewGateway checks the settings, reporting all mistakes at once.
func NewGateway(settings GatewaySettings, now func() time.Time) (*Gateway, error) {
	standard(&settings.Name, "gateway")
	standard(&settings.Timeout, 10*time.Second)
	standard(&settings.Parallel, 10)
	var mistakes []error
	if err := checkGatewayURL(settings.URL); err != nil {
		mistakes = append(mistakes, err)
	}
	if _, err := readSecret(settings.SecretFile); err != nil {
		mistakes = append(mistakes, err)
	}
	if settings.Parallel < 1 || settings.Parallel > 1000 {
		mistakes = append(mistakes, fmt.Errorf("parallel is %d; give 1 to 1000", settings.Parallel))
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, fmt.Errorf("reading the SMS gateway settings: %w", err)
	}
	return &Gateway{settings: settings, now: now, client: &http.Client{
		Timeout: settings.Timeout, Transport: settings.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the secret goes nowhere else
	}}, nil
}

func checkGatewayURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return errors.New("url is not an address such as https://sms.example/send")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return errors.New("url is not https: phone numbers and codes would travel in clear")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func readSecret(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading secret_file: %w", err)
	}
	secret := strings.TrimSpace(string(content))
	if secret == "" || strings.ContainsAny(secret, " \r\n\t") {
		return "", errors.New("secret_file is empty or holds more than one word")
	}
	return secret, nil
}

// Deliver implements notify.Carrier.
func (g *Gateway) Deliver(ctx context.Context, messages []notify.Message) []notify.Result {
	results := make([]notify.Result, len(messages))
	secret, err := readSecret(g.settings.SecretFile)
	if err != nil {
		for i := range results {
			results[i].Err = err
		}
		return results
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(g.settings.Parallel, len(messages)) {
		workers.Go(func() {
			for i := range next {
				results[i] = g.post(ctx, secret, messages[i])
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

// gatewayRequest is what is posted.
type gatewayRequest struct {
	ID              string `json:"id"`
	To              string `json:"to"`
	Text            string `json:"text"`
	Sender          string `json:"sender,omitempty"`
	ValiditySeconds int    `json:"validity_seconds"`
}

func (g *Gateway) post(ctx context.Context, secret string, m notify.Message) notify.Result {
	left := m.ExpiresAt.Sub(g.now())
	if left < shortestLife {
		return notify.Result{Outcome: notify.TooLate}
	}
	body, err := json.Marshal(gatewayRequest{m.ID, m.To, m.Body, g.settings.Sender, int(left / time.Second)})
	if err != nil {
		return notify.Result{Outcome: notify.Refused, Err: errors.New("the message cannot be written as JSON")}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.settings.URL, bytes.NewReader(body))
	if err != nil {
		return notify.Result{Err: errors.New("the gateway's address cannot be used")}
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Idempotency-Key", m.ID)
	answer, err := g.client.Do(request)
	if err != nil {
		return notify.Result{Err: fmt.Errorf("posting to the SMS gateway: %w", withoutURL(err))}
	}
	defer answer.Body.Close()
	content, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes)) // the status decides
	return g.classify(answer, content)
}

// withoutURL drops the address that net/http puts before its errors.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// classify reads an answer. Only statuses that blame the message itself are
// final; a wrong secret or address can be repaired while the message lives.
// Source of the statuses: RFC 9110, section 15; RFC 6585, section 4.
func (g *Gateway) classify(answer *http.Response, content []byte) notify.Result {
	switch status := answer.StatusCode; {
	case status >= 200 && status < 300:
		var accepted struct {
			ID string `json:"id"`
		}
		result := notify.Result{Outcome: notify.Accepted}
		if json.Unmarshal(content, &accepted) == nil && plainID(accepted.ID) {
			result.ProviderID = g.settings.Name + ":" + accepted.ID
		}
		return result
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnprocessableEntity:
		return notify.Result{Outcome: notify.Refused, Err: gatewayStatus(status)}
	default:
		return notify.Result{Err: gatewayStatus(status), After: retryAfter(answer.Header.Get("Retry-After"), g.now())}
	}
}

func gatewayStatus(status int) error { return fmt.Errorf("the SMS gateway answered status %d", status) }

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
