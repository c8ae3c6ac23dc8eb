package saml2

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"time"

	"github.com/beevik/etree"
)

// below are the children of a name, below those of another.
func below(el *etree.Element, space, name, inner, innerName string) []*etree.Element {
	var all []*etree.Element
	for _, one := range named(el, space, name) {
		all = append(all, named(one, inner, innerName)...)
	}
	return all
}

// interfaceOf reads what is shown to people. What cannot be read is not shown: nothing
// is decided by it.
func interfaceOf(role *etree.Element) Interface {
	var i Interface
	for _, shown := range below(role, spaceMetadata, "Extensions", spaceInterface, "UIInfo") {
		i.DisplayNames = append(i.DisplayNames, localizedOf(shown, spaceInterface, "DisplayName")...)
		i.Descriptions = append(i.Descriptions, localizedOf(shown, spaceInterface, "Description")...)
		i.InformationURLs = append(i.InformationURLs, localizedOf(shown, spaceInterface, "InformationURL")...)
		i.PrivacyURLs = append(i.PrivacyURLs, localizedOf(shown, spaceInterface, "PrivacyStatementURL")...)
		for _, el := range named(shown, spaceInterface, "Logo") {
			at, err := needed(el)
			width, errWidth := strconv.Atoi(value(el, "width"))
			height, errHeight := strconv.Atoi(value(el, "height"))
			if errors.Join(err, errWidth, errHeight) == nil {
				i.Logos = append(i.Logos, Logo{language(el), at, width, height})
			}
		}
	}
	return i
}

// entityAttributesOf reads what is said about an entity itself.
// Source: SAML V2.0 Metadata Extension for Entity Attributes 1.0.
func entityAttributesOf(entity *etree.Element) []Attribute {
	var all []Attribute
	for _, list := range below(entity, spaceMetadata, "Extensions", spaceAttributes, "EntityAttributes") {
		for _, el := range named(list, spaceAssertion, "Attribute") {
			a := Attribute{Name: value(el, "Name"), FriendlyName: value(el, "FriendlyName"), NameFormat: value(el, "NameFormat")}
			for _, v := range named(el, spaceAssertion, "AttributeValue") {
				if s, err := needed(v); err == nil {
					a.Values = append(a.Values, s)
				}
			}
			all = append(all, a)
		}
	}
	return all
}

func localizedOf(el *etree.Element, space, name string) []Localized {
	var all []Localized
	for _, one := range named(el, space, name) {
		if s, err := needed(one); err == nil {
			all = append(all, Localized{language(one), s})
		}
	}
	return all
}

// language is what xml:lang says.
func language(el *etree.Element) string {
	for _, a := range el.Attr {
		if a.Space == "xml" && a.Key == "lang" {
			return a.Value
		}
	}
	return ""
}

// durationShape is that of a duration that is not negative.
// Source: XML Schema Part 2 (W3C, 2004), section 3.2.6.
var durationShape = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?$`)

// duration reads one; years have 365 days and months 30, which is near enough for when
// to fetch something again.
func duration(v string) (time.Duration, error) {
	m := durationShape.FindStringSubmatch(v)
	if m == nil || v[len(v)-1] == 'P' || v[len(v)-1] == 'T' {
		return 0, errors.New("has a cacheDuration that is none, such as PT24H")
	}
	const day = 24 * time.Hour
	units := []time.Duration{365 * day, 30 * day, day, time.Hour, time.Minute, time.Second}
	var sum float64
	for i, unit := range units {
		if m[i+1] != "" {
			n, err := strconv.Atoi(m[i+1])
			if err != nil {
				return 0, err
			}
			sum += float64(n) * float64(unit)
		}
	}
	if sum > math.MaxInt64/2 {
		sum = math.MaxInt64 / 2
	}
	return time.Duration(sum), nil
}
