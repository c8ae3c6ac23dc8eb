package page

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"clave/web/lang"
)

// A page is a shell, which is the layout, around its content. Executing a template
// costs ten times what copying its result does, and the layout differs between
// requests only in a few values. So the layout is executed once for each language
// and set of values that are there, with a mark in the place of each value, and
// kept as the pieces between the marks. The marks are letters and digits, which no
// escaper changes; the values that take their places are escaped as HTML, which
// is right in all of them (running text, title and quoted attributes; the
// addresses among them are paths of ours or checked by Leave).

// slot is the place of a value in the layout.
type slot byte

const (
	slotTitle slot = iota
	slotProblems
	slotContent
	slotRefresh
	slotReturn
	slotService
	slotOrganisation
	slotLoginID
	slotWaiting
	slotCancel
	slotLoginLeft
	slotLoginSeconds
	slotExtend
	slotAccount
	slotLogOut
	slotOwn
	slotSessionSeconds
	slotStay
	slotHome
	slotManifest
	slots
)

// values are what goes into the slots, as HTML.
type values [slots]string

// shape tells which values are there: the conditions of the layout see no more.
type shape struct {
	language lang.Language
	filled   [slots]bool
}

// shells keeps the layout for each shape that was needed.
type shells struct {
	mu  sync.RWMutex
	all map[shape][]piece
}

// piece is a part of a shell: text, then the value of a slot.
type piece struct {
	text []byte
	slot slot
}

// view is the data of the layout: a mark where there is a value.
type view struct {
	Frame                                              *Frame
	Languages                                          []choice
	Title, Problems, Content, Refresh, Return, LoginID string
	Service, Organisation, Account, LogOut, Own        string
	Cancel, LoginLeft, Extend, Waiting                 string
	Home, Manifest                                     string
	Deadlines                                          []deadline
}

// choice is a language in the switch.
type choice struct {
	Tag, Name string
	Current   bool
}

// deadline is the warning before a login or a session ends; Title and Over are keys.
type deadline struct {
	Seconds, Path, Title, Over string
	Warn                       int
}

// warnLogin and warnSession are how long before the end the warning appears.
// Source: login.gov warns 150 s before a session ends; a login is shorter, so we
// say it two minutes before. WCAG 2.2 success criterion 2.2.1 asks for 20 s at least.
const (
	warnLogin   = 120 * time.Second
	warnSession = 150 * time.Second
)

// shell is the layout for a shape, in pieces.
func (e *Engine) shell(s shape) ([]piece, error) {
	e.shells.mu.RLock()
	kept := e.shells.all[s]
	e.shells.mu.RUnlock()
	if kept != nil {
		return kept, nil
	}
	layout, err := e.parse(e.layout, s.language)
	if err != nil {
		return nil, fmt.Errorf("parsing the layout: %w", err)
	}
	var b strings.Builder
	if err := layout.ExecuteTemplate(&b, "layout", e.view(s)); err != nil {
		return nil, fmt.Errorf("executing the layout: %w", err)
	}
	pieces := cut(b.String())
	e.shells.mu.Lock()
	e.shells.all[s] = pieces
	e.shells.mu.Unlock()
	return pieces, nil
}

func (e *Engine) view(s shape) view {
	mark := func(at slot) string {
		if !s.filled[at] {
			return ""
		}
		return markOf(at)
	}
	v := view{
		Frame: &e.frame, Title: mark(slotTitle), Problems: mark(slotProblems), Content: mark(slotContent),
		Refresh: mark(slotRefresh), Return: mark(slotReturn), LoginID: mark(slotLoginID),
		Service: mark(slotService), Organisation: mark(slotOrganisation),
		Account: mark(slotAccount), LogOut: mark(slotLogOut), Own: mark(slotOwn), Waiting: mark(slotWaiting),
		Cancel: mark(slotCancel), LoginLeft: mark(slotLoginLeft), Extend: mark(slotExtend),
		Home: mark(slotHome), Manifest: mark(slotManifest),
	}
	for _, l := range lang.All() {
		v.Languages = append(v.Languages, choice{Tag: string(l), Name: l.Name(), Current: l == s.language})
	}
	if s.filled[slotLoginSeconds] {
		v.Deadlines = append(v.Deadlines, deadline{
			Seconds: mark(slotLoginSeconds), Path: mark(slotExtend), Warn: int(warnLogin / time.Second),
			Title: "page.deadline.login_title", Over: "page.deadline.login_over",
		})
	}
	if s.filled[slotSessionSeconds] {
		v.Deadlines = append(v.Deadlines, deadline{
			Seconds: mark(slotSessionSeconds), Path: mark(slotStay), Warn: int(warnSession / time.Second),
			Title: "page.deadline.session_title", Over: "page.deadline.session_over",
		})
	}
	return v
}

const markBegin, markEnd = "xmarkx", "xendx"

func markOf(at slot) string { return fmt.Sprintf("%s%02d%s", markBegin, at, markEnd) }

// cut takes a layout apart at its marks. The last piece ends in the slot "slots",
// which is none.
func cut(layout string) []piece {
	var pieces []piece
	for {
		text, rest, found := strings.Cut(layout, markBegin)
		if !found {
			return append(pieces, piece{text: []byte(text), slot: slots})
		}
		number, after, _ := strings.Cut(rest, markEnd)
		pieces = append(pieces, piece{text: []byte(text), slot: slot((number[0]-'0')*10 + number[1] - '0')})
		layout = after
	}
}
