// Package page makes the pages: one layout around the content that a room
// brings, in six languages.
//
// A room embeds its templates and parses each once, at start:
//
//	//go:embed templates
//	var templates embed.FS
//	enter := engine.Parse(templates, "templates/enter.html")
//
// A template defines two blocks, "title" (text only) and "content":
//
//	{{define "title"}}{{t "pin.enter.title"}}{{end}}
//	{{define "content"}}
//	<h1>{{t "pin.enter.title"}}</h1>
//	<form method="post" novalidate data-once>
//	  {{template "field" (.Field "pin")}}
//	  <button class="button">{{t "pin.enter.send"}}</button>
//	</form>
//	{{end}}
//
// Functions: {{t "key"}} is a text, {{t "key" "hole" .Value}} fills its holes,
// {{n "key" .Count}} takes the plural form, {{asset "name.svg"}} is the address of
// a static file, {{clock .At}} and {{day .At}} write a time and a date. A key, a hole or
// a file that does not exist stops the program at start.
//
// Partials: "field" draws a Field (one line, a date in three, or choices),
// "countdown" a Countdown, "where" a Where (drawing of a document). Classes for
// plain markup: button, button secondary, panel, panel warning, panel success,
// summary-list (on dl), code (a code to compare or read out), details need none.
//
// The error summary, the title's "Error:" and the texts at the fields come from
// the Form that the data embeds; nothing else is to be done.
//
// What the frame shows beside the content travels in the context: With(ctx, Around).
package page
