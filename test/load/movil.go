package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"

	"clave/providers/movil"
	"clave/providers/movil/passkey"
	"clave/sandbox/phone"
	"clave/store"
)

// anyOrigin is where the phones' browsers were when their keys were made: keys belong to
// the host, whatever the port.
const anyOrigin = "http://localhost"

func deviceID(number int) string { return fmt.Sprintf("load-%08d", number) }

// phoneOf is a citizen's phone in software, the same one each time.
func phoneOf(origin string, number int) *phone.Phone { return phone.Known(origin, deviceID(number)) }

// devices activates a phone for each of the first n citizens, and tells whom each phone
// knows them as.
func (r *register) devices(ctx context.Context, n int) (users [][]byte, err error) {
	rp, err := passkey.New(anyOrigin)
	if err != nil {
		return nil, err
	}
	// Not opened for long, or PINs would go there instead of to the phones that wait for them.
	kept, since := store.NewMovilDevices(r.db, r.keys.Columns()), time.Now().AddDate(0, -6, 0)
	err = r.db.Tx(ctx, func(ctx context.Context) error {
		users = nil
		for i := range n {
			person, ph := r.population.Registration(i), phoneOf(anyOrigin, i)
			challenge, user := []byte(rand.Text()), movil.User(r.keys.Index(), person.Person, person.Document)
			response, err := ph.Create(rp.CreationOptions(challenge, user, nil))
			if err != nil {
				return err
			}
			credential, err := rp.Create(challenge, user, response)
			if err != nil {
				return err
			}
			d := movil.Device{
				ID: movil.DeviceID(deviceID(i)), Person: person.Person, Name: "Software phone", Passkey: credential, Key: ph.Key(),
				Language: "es", How: movil.ByCode, ActivatedAt: since, UsedAt: since,
			}
			if _, err := kept.Device(ctx, d.ID); err != nil {
				return err
			}
			if err := kept.KeepDevice(ctx, d); err != nil {
				return err
			}
			users = append(users, credential.User)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("activating devices: %w", err)
	}
	return users, nil
}

// app is a citizen's phone with the app: it opens, reads a QR, and approves.
type app struct {
	*phone.Phone
	browser
	id string
}

// app is that of the citizen of a number.
func (v *visitor) app(number int) *app {
	a := &app{phoneOf(v.origin, number), browser{web: v.web, origin: v.origin, timings: v.timings}, deviceID(number)}
	a.User = v.users[number]
	return a
}

// approve takes the login whose QR leads to an address.
func (a *app) approve(ctx context.Context, address *url.URL) error {
	door, err := a.page(ctx, "/movil")
	if err != nil {
		return err
	}
	challenge := attribute(door, "data-door")
	if err := a.call(ctx, "/movil/open", map[string]any{
		"device": a.id, "challenge": challenge, "signature": encode(a.Sign([]byte(challenge))),
	}); err != nil {
		return err
	}
	if _, err := a.post(ctx, address, url.Values{}); err != nil {
		return err
	}
	request, err := a.page(ctx, "/movil/request")
	if err != nil {
		return err
	}
	options := attribute(request, "data-approve")
	var asked struct{ Challenge string }
	if err := json.Unmarshal([]byte(options), &asked); err != nil {
		return fmt.Errorf("reading what the app asks: %w", err)
	}
	signed, err := base64.RawURLEncoding.DecodeString(asked.Challenge)
	if err != nil {
		return fmt.Errorf("reading what the app asks: %w", err)
	}
	response, err := a.Phone.Get(json.RawMessage(options))
	if err != nil {
		return err
	}
	for _, f := range read(request).forms {
		if f.has("request") {
			return a.call(ctx, "/movil/api/approve", map[string]any{
				"request": f.fields.Get("request"), "response": response, "signature": encode(a.Sign(signed)),
			})
		}
	}
	return errors.New("the app asks nothing")
}

// page is one of the app's.
func (a *app) page(ctx context.Context, path string) (string, error) {
	seen, err := a.get(ctx, &url.URL{Scheme: "http", Host: strings.TrimPrefix(a.origin, "http://"), Path: path})
	if err == nil && seen.status != http.StatusOK {
		err = fmt.Errorf("%s: status %d, %q", path, seen.status, read(seen.body).title)
	}
	return seen.body, err
}

// call is what a script of the app does.
func (a *app) call(ctx context.Context, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	to := &url.URL{Scheme: "http", Host: strings.TrimPrefix(a.origin, "http://"), Path: path}
	said, err := a.send(ctx, http.MethodPost, to, "application/json", string(text))
	if err == nil && said.status != http.StatusOK {
		err = fmt.Errorf("%s: status %d, %s", path, said.status, said.body)
	}
	return err
}

// attribute is the first of that name in a page; empty when there is none.
func attribute(page, name string) string {
	_, rest, _ := strings.Cut(page, name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(value)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
