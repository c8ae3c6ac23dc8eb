package notify_test

import (
	"strings"
	"testing"
	"time"

	"clave/notify"
	"clave/notify/gsm7"
	"clave/web/lang"
)

func composer(t *testing.T, domain string) *notify.Composer {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	c, err := notify.NewComposer(texts, domain, time.FixedZone("CET", 3600))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pinText(l lang.Language, service string) notify.CodeText {
	sent := time.Date(2026, 11, 21, 9, 42, 0, 0, time.UTC)
	return notify.CodeText{
		Key: notify.PINText, Language: l, Code: "K7M", Service: service,
		Sent: sent, ExpiresAt: sent.Add(10 * time.Minute),
	}
}

func TestEveryCodeTextFitsOneSegment(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{"localhost", "clave.gob.es", "pasarela.identidad.administracion.es"} {
		c := composer(t, domain)
		for _, service := range []string{
			"Example Town Hall",
			"Sede electrónica de la Consejería de Economía, Hacienda y Administración Pública de la Comunidad Autónoma",
			"Col·legi Oficial d’Enginyers de Camins, Canals i Ports — Inscripció",
			strings.Repeat("€", 100),
			strings.Repeat("字", 100),
			strings.Repeat("á ", 200),
			"",
		} {
			for _, l := range lang.All() {
				got := c.Code(pinText(l, service))
				if !gsm7.Fits(got) {
					t.Errorf("%s: %q leaves the alphabet", l, got)
				}
				if n := gsm7.Septets(got); n > gsm7.SegmentSeptets {
					t.Errorf("%s: %q has %d septets", l, got, n)
				}
				if !strings.HasPrefix(got, "K7M ") || !strings.HasSuffix(got, "\n@"+domain+" #K7M") {
					t.Errorf("%s: %q does not begin with the code and end with the domain's line", l, got)
				}
				if !strings.Contains(got, "10:42") || !strings.Contains(got, "10 min") {
					t.Errorf("%s: %q does not say when it was sent and for how long it is valid", l, got)
				}
			}
		}
	}
}

func TestEveryTextToAPhoneNamesItsActAndFits(t *testing.T) {
	t.Parallel()
	const domain = "pasarela.identidad.administracion.es"
	c, sent := composer(t, domain), time.Date(2026, 11, 21, 9, 42, 0, 0, time.UTC)
	for _, l := range lang.All() {
		seen := map[string]string{}
		for _, key := range []string{notify.RegisterText, notify.ChangePhoneText, notify.ChangeEmailText, notify.LeaveText, notify.ClaimText} {
			got := c.Code(notify.CodeText{Key: key, Language: l, Code: "123456", Sent: sent, ExpiresAt: sent.Add(10 * time.Minute)})
			if n := gsm7.Septets(got); n > gsm7.SegmentSeptets || !gsm7.Fits(got) {
				t.Errorf("%s: %q has %d septets", l, got, n)
			}
			for _, want := range []string{"123456 ", "Cl@ve", "10:42", "10 min", "\n@" + domain + " #123456"} {
				if !strings.Contains(got, want) {
					t.Errorf("%s: %q does not say %q", l, got, want)
				}
			}
			if !strings.HasPrefix(got, "123456 ") {
				t.Errorf("%s: %q does not begin with the code", l, got)
			}
			if other, ok := seen[got]; ok {
				t.Errorf("%s: %s and %s read alike", l, key, other)
			}
			seen[got] = key
		}
	}
}

func TestAMailWithACode(t *testing.T) {
	t.Parallel()
	c, sent := composer(t, "localhost"), time.Date(2026, 11, 21, 9, 42, 0, 0, time.UTC)
	for _, l := range lang.All() {
		subject, body := c.Mail(notify.CodeText{Key: notify.ConfirmEmailText, Language: l, Code: "123456", Sent: sent, ExpiresAt: sent.Add(30 * time.Minute)})
		if strings.Contains(subject, "123456") || strings.ContainsAny(subject, "\r\n{}") {
			t.Errorf("%s: got the subject %q", l, subject)
		}
		for _, want := range []string{"\n\n123456\n\n", "10:42", "30 "} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: %q does not say %q", l, body, want)
			}
		}
		if strings.Contains(body, "http") || strings.Contains(body, "{") {
			t.Errorf("%s: %q holds a link or a hole", l, body)
		}
	}
}

func TestCodeTextsReadNaturally(t *testing.T) {
	t.Parallel()
	c := composer(t, "localhost")
	for _, e := range []struct {
		name     string
		language lang.Language
		service  string
		want     string
	}{
		{"in English", lang.English, "Example Town Hall",
			"K7M is your Cl@ve PIN. Do not share it with anyone. Sent at 10:42, valid for 10 min. Example Town Hall\n@localhost #K7M"},
		{"in Spanish, with a name that needs folding", lang.Spanish, "Diputación de Málaga",
			"K7M es su PIN de Cl@ve. No lo comparta con nadie. Enviado a las 10:42, caduca en 10 min. Diputacion de Malaga\n@localhost #K7M"},
		{"in Galician a long name is cut at a character", lang.Galician, "Consellería de Facenda e Administración Pública da Xunta de Galicia",
			"K7M é o seu PIN de Cl@ve. Non o comparta con ninguén. Enviado as 10:42, caduca en 10 min. Conselleria de Facenda e Administracion Publica da...\n@localhost #K7M"},
		{"without a service there is no empty end", lang.English, "",
			"K7M is your Cl@ve PIN. Do not share it with anyone. Sent at 10:42, valid for 10 min.\n@localhost #K7M"},
		{"a name cannot write a last line of its own", lang.English, "Bank\n@evil.example #999",
			"K7M is your Cl@ve PIN. Do not share it with anyone. Sent at 10:42, valid for 10 min. Bank @evil.example #999\n@localhost #K7M"},
	} {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			if got := c.Code(pinText(e.language, e.service)); got != e.want {
				t.Errorf("got  %q\nwant %q", got, e.want)
			}
		})
	}
}

func TestComposerRefusesDomainsThatCannotWork(t *testing.T) {
	t.Parallel()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, domain string }{
		{"an empty one", ""},
		{"one with a port", "localhost:8080"},
		{"one with a space", "clave gob es"},
		{"one that leaves no room for the text", strings.Repeat("very-long-label.", 8) + "es"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := notify.NewComposer(texts, c.domain, time.UTC); err == nil {
				t.Errorf("%q is accepted", c.domain)
			}
		})
	}
}
