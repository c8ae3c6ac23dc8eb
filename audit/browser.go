package audit

import "strings"

// Browser is a browser as people know it: "Firefox, Windows". It says what a
// citizen recognises as their own, and as little more as may be: no version.
type Browser string

// families and systems are looked for in this order, because most browsers claim to
// be several others as well.
var (
	families = []struct{ mark, name string }{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"}, {"YaBrowser/", "Yandex"},
		{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	}
	systems = []struct{ mark, name string }{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
		{"Windows", "Windows"}, {"Macintosh", "macOS"}, {"Linux", "Linux"},
	}
)

// longestAgent is how much of the header is looked at.
const longestAgent = 512

// BrowserOf names a browser by its User-Agent header; empty for what is unknown.
// What it says is what the browser claims: a hint for its owner and no proof.
// Source of the header: RFC 9110, section 10.1.5.
func BrowserOf(agent string) Browser {
	if len(agent) > longestAgent {
		agent = agent[:longestAgent]
	}
	var words []string
	for _, list := range [...][]struct{ mark, name string }{families, systems} {
		for _, known := range list {
			if strings.Contains(agent, known.mark) {
				words = append(words, known.name)
				break
			}
		}
	}
	return Browser(strings.Join(words, ", "))
}
