package conf

// Limits bound what strangers can make this installation do. Limits for each
// document, phone and login are fixed, because they are part of the method.
type Limits struct {
	// RequestsPerSecond is how many requests one client address (an IPv4 address
	// or an IPv6 /64) may go on asking; more are slowed down, much more get 429.
	// Whole offices share one address: too low, and they wait for one another.
	RequestsPerSecond int `yaml:"requests_per_second"`

	// RequestsBurst is how many may come at once after a silence. A page is about
	// three requests.
	RequestsBurst int `yaml:"requests_burst"`

	// SMSHome is how many text messages may go to Spanish numbers in an hour, from
	// all nodes together. Too low, and nobody more gets a PIN until the hour ends;
	// too high, and a mistake or an attack costs that many messages.
	SMSHome int `yaml:"sms_home"`

	// SMSAbroad is how many may go to each other country's numbers in an hour.
	// Fraudsters earn from messages to dear numbers abroad, hence a low limit.
	SMSAbroad int `yaml:"sms_abroad"`

	// SMSCountries are other limits for single countries, by calling code.
	SMSCountries map[string]int `yaml:"sms_countries" example:"{\"351\": 2000, \"376\": 500}"`

	// SMSRelyingParty is how many may go out in an hour for the logins of one
	// relying party.
	SMSRelyingParty int `yaml:"sms_relying_party"`

	// MailCodes is how many codes that confirm an e-mail address may go out in an
	// hour. More than the mail server takes ends up in its queue, behind which the
	// notices wait.
	MailCodes int `yaml:"mail_codes"`
}

func defaultLimits() Limits {
	return Limits{RequestsPerSecond: 50, RequestsBurst: 500, SMSHome: 100_000, SMSAbroad: 500, SMSRelyingParty: 50_000, MailCodes: 20_000}
}

const home = "34"

func (c checker) limits(l Limits) {
	at := "limits"
	for _, one := range []struct {
		field string
		value int
	}{
		{"requests_per_second", l.RequestsPerSecond}, {"requests_burst", l.RequestsBurst},
		{"sms_home", l.SMSHome}, {"sms_relying_party", l.SMSRelyingParty}, {"mail_codes", l.MailCodes},
	} {
		if one.value < 1 {
			c.problem(at+"."+one.field, "wants 1 or more; with less nobody gets in")
		}
	}
	if l.SMSAbroad < 0 {
		c.problem(at+".sms_abroad", "is negative; 0 sends nothing abroad")
	}
	if l.RequestsBurst < l.RequestsPerSecond {
		c.problem(at+".requests_burst", "is less than requests_per_second")
	}
	for code, most := range l.SMSCountries {
		at := at + ".sms_countries." + code
		switch {
		case !callingCode(code):
			c.problem(at, "is no calling code; write the digits without + or 00, as in 351")
		case code == home:
			c.problem(at, "is home; use sms_home")
		case most < 0:
			c.problem(at, "is negative; 0 sends nothing there")
		}
	}
}

// callingCode tells whether a text has the shape of one. Source: ITU-T E.164,
// section 6.2.1: one to three digits, none beginning with 0.
func callingCode(s string) bool {
	if len(s) < 1 || len(s) > 3 || s[0] == '0' {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
