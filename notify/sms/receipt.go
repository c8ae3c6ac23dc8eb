package sms

import (
	"strconv"
	"strings"

	"clave/notify"
)

// maxIDBytes is the longest message id. Source: SMPP 3.4, section 5.2.23.
const maxIDBytes = 64

// report is what a delivery receipt says: which message, and where it stands.
type report struct {
	id    string
	state notify.State // empty while the message is still on its way
}

// parseReceipt reads a receipt: the optional parameters when the centre sent
// them, otherwise the text
//
//	id:ID sub:001 dlvrd:001 submit date:… done date:… stat:DELIVRD err:000 text:…
//
// Whatever follows "text:" is the message itself and is not looked at. It
// answers false for what names no message.
// Source: SMPP 3.4, sections 5.2.28 and 5.3.2.12, appendix B.
func parseReceipt(text string, taggedID string, taggedState byte) (report, bool) {
	var r report
	var stat string
	for rest := text; rest != ""; {
		var field string
		field, rest, _ = strings.Cut(strings.TrimLeft(rest, " "), " ")
		name, value, _ := strings.Cut(field, ":")
		switch strings.ToLower(name) {
		case "id":
			if r.id == "" {
				r.id = value
			}
		case "stat":
			if stat == "" {
				stat = value
			}
		case "text":
			rest = ""
		}
	}
	if taggedID != "" {
		r.id = taggedID
	}
	r.state = stateOfText(stat)
	if taggedState != 0 {
		r.state = stateOfTag(taggedState)
	}
	return r, plainID(r.id)
}

// stateOfText reads the word in stat.
func stateOfText(stat string) notify.State {
	switch strings.ToUpper(stat) {
	case "DELIVRD":
		return notify.Delivered
	case "EXPIRED":
		return notify.Expired
	case "DELETED", "UNDELIV", "REJECTD":
		return notify.Failed
	}
	return "" // ENROUTE, ACCEPTD, UNKNOWN and what nobody knows
}

// stateOfTag reads message_state.
func stateOfTag(state byte) notify.State {
	switch state {
	case 2:
		return notify.Delivered
	case 3:
		return notify.Expired
	case 4, 5, 8:
		return notify.Failed
	}
	return ""
}

// plainID refuses ids that are empty, too long or not printable ASCII: they go
// into the database and the log.
func plainID(id string) bool {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return id != "" && len(id) <= maxIDBytes
}

// canonicalID gives the id of a submit_sm_resp the form in which receipts will
// repeat it.
func canonicalID(id string, relation ReceiptID) string {
	if relation == DecimalID {
		if n, err := strconv.ParseUint(id, 16, 64); err == nil {
			return strconv.FormatUint(n, 10)
		}
	}
	return id
}
