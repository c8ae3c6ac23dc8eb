package main

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadFindsTheWayOn(t *testing.T) {
	t.Parallel()
	d := read(`<!DOCTYPE html><html><head><title>Error: A &amp; B</title>
<meta charset="utf-8"><meta http-equiv="refresh" content="0;url=http://x/?a=1&amp;b=2"></head><body>
<form method="post" action="/language"><button name="lang" value="es" class="button">es</button></form>
<main id="main" class="width">
<a href="/login/1/pin">PIN</a>
<form method="post" action="/login/1/pin/enter" data-once>
<input type="hidden" name="return" value="&#34;x&#34;">
<input id="pin" name="pin" type="text" value=""
 maxlength="12">
<input type="radio" name="own" value="no" checked><input type="radio" name="own" value="yes">
<button class="button" name="go" value="1">Go</button>
</form>
<form class="cancel" method="post" action="/login/1/cancel"><button class="link">Back</button></form>
<noscript><form method="post" action="/extend"><button class="button">Extend</button></form></noscript>
</main>
<form action="/after"><button class="button">x</button></form>
</body></html>`)
	want := document{
		title: "Error: A & B", refresh: "http://x/?a=1&b=2", links: []string{"/login/1/pin"},
		forms: []form{
			{"/login/1/pin/enter", "post", url.Values{"return": {`"x"`}, "pin": {""}, "own": {"no"}}, []button{{"go", "1", true}}},
			{"/login/1/cancel", "post", url.Values{}, []button{{"", "", false}}},
		},
	}
	if diff := cmp.Diff(d, want, cmp.AllowUnexported(document{}, form{}, button{})); diff != "" {
		t.Error(diff)
	}
}

func TestLatencyOfManyLogins(t *testing.T) {
	t.Parallel()
	if got := latency(nil); got != (Latency{}) {
		t.Errorf("got %v, want nothing", got)
	}
	many := newTimings()
	for i := range 200 {
		many.add("GET /", time.Duration(200-i)*time.Millisecond)
	}
	got := many.steps()
	want := []Step{{"GET /", 200, Latency{101, 191, 199, 200}}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
}
