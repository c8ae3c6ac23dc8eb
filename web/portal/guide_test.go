package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"clave/census/office"
	"clave/identity"
	"clave/web/lang"
	"clave/web/portal"
)

func TestTheGuideAsksOneThingAfterTheOther(t *testing.T) {
	t.Parallel()
	d := opened(t, portal.Config{Ways: all(), Offices: office.NewDirectory(madrid())})
	for _, test := range []struct {
		name, query string
		says        []string
		not         []string
	}{
		{"the first question", "", []string{"Question 1 of 3", "that you can use now?"}, []string{"Back", "error"}},
		{"sent without an answer", "?asked=certificate", []string{"Choose one of the answers", `href="#certificate-yes"`}, nil},
		{"an answer that is none", "?asked=certificate&certificate=perhaps", []string{"Choose one of the answers", "Question 1 of 3"}, []string{"perhaps"}},
		{"the second question", "?asked=certificate&certificate=no", []string{"Question 2 of 3", "advanced.", `name="certificate" value="no"`, `href="/register/guide"`}, []string{"Choose one of"}},
		{"the third question", "?certificate=no&icon=unsure&asked=icon", []string{"Question 3 of 3", `name="icon" value="unsure"`, `href="/register/guide?certificate=no"`}, nil},
		{"the third without an answer", "?certificate=no&icon=unsure&asked=office", []string{"Question 3 of 3", "Choose one of the answers"}, nil},
		{"an answer to a later question alone", "?office=yes", []string{"Question 1 of 3"}, nil},
		{"a certificate ends it at once", "?certificate=yes", []string{"We recommend registering with a certificate", "finish in a few minutes", `href="/register/certificate"`, `href="/register/guide"`}, []string{"Question"}},
		{"the advice", "?certificate=no&icon=yes&office=yes", []string{"We recommend going to a registration office", `href="/offices"`, `href="/register/guide?certificate=no&amp;icon=yes"`, "Start again"}, nil},
		{"other things in the address stay out", "?certificate=no&icon=%3Cscript%3E&return=https://evil.example", []string{"Question 2 of 3"}, []string{"script>", "evil"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			main, answer := d.get(t, "/register/guide"+test.query, lang.English)
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("status %d", answer.StatusCode)
			}
			for _, want := range test.says {
				if !strings.Contains(main, want) {
					t.Errorf("it does not say %s", want)
				}
			}
			for _, bad := range test.not {
				if strings.Contains(main, bad) {
					t.Errorf("it says %s", bad)
				}
			}
		})
	}
}

// Every combination of answers with every set of ways that are offered.
func TestTheGuideRecommendsWhatHelps(t *testing.T) {
	t.Parallel()
	channels := []identity.Channel{identity.ByCertificate, identity.ByOffice, identity.ByLetter}
	for set := range 1 << len(channels) {
		offered := map[identity.Channel]string{}
		for i, channel := range channels {
			if set&(1<<i) != 0 {
				offered[channel] = "/way/" + string(channel)
			}
		}
		advanced := offered[identity.ByCertificate] != "" || offered[identity.ByOffice] != ""
		d := opened(t, portal.Config{Ways: offered, Offices: office.NewDirectory(&shelf{})})
		for _, certificate := range []string{"yes", "no"} {
			for _, icon := range []string{"yes", "no", "unsure"} {
				for _, visit := range []string{"yes", "no"} {
					query := "?certificate=" + certificate + "&icon=" + icon + "&office=" + visit
					main, _ := d.get(t, "/register/guide"+query, lang.English)
					var advised identity.Channel
					for _, channel := range channels {
						if strings.Contains(main, `class="button" href="/way/`+string(channel)+`"`) {
							advised = channel
						}
					}
					complain := func(what string) { t.Errorf("%v offered, %s: %q is advised: %s", offered, query, advised, what) }
					switch {
					case len(offered) == 0:
						if !strings.Contains(main, "no way to register here yet") {
							complain("nothing is offered")
						}
						continue
					case advised == "":
						complain("something is offered")
					case certificate == "yes" && offered[identity.ByCertificate] != "" && advised != identity.ByCertificate:
						complain("the certificate is there")
					case icon == "yes" && advanced && advised == identity.ByLetter:
						complain("the letter is not enough")
					case visit == "no" && advised == identity.ByOffice && offered[identity.ByCertificate] != "":
						complain("there is a way from home")
					case visit == "no" && icon != "yes" && advised == identity.ByOffice && offered[identity.ByLetter] != "":
						complain("the letter comes home")
					case visit == "yes" && offered[identity.ByOffice] != "" && advised == identity.ByLetter:
						complain("the office gives more")
					}
					if strings.Count(main, "<li>") < 4 {
						complain("it has no reasons")
					}
				}
			}
		}
	}
}
