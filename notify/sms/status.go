package sms

import (
	"fmt"

	"clave/notify"

	"github.com/linxGnu/gosmpp/data"
)

// statusError is a command status other than OK.
type statusError data.CommandStatusType

// Error names the status by its number; the operator's manual has the words.
func (e statusError) Error() string {
	return fmt.Sprintf("the message centre answered status 0x%08X", uint32(e))
}

// throttling reports statuses that ask to slow down.
func (e statusError) throttling() bool {
	return data.CommandStatusType(e) == data.ESME_RTHROTTLED || data.CommandStatusType(e) == data.ESME_RMSGQFUL
}

// outcome tells whether a message with this status is worth another try. Only
// statuses that blame the message itself are final; whatever else may pass, or
// be repaired by the operator, while the message lives.
// Source of the statuses: SMPP 3.4, section 5.1.3.
func (e statusError) outcome() notify.Outcome {
	switch data.CommandStatusType(e) {
	case data.ESME_RINVMSGLEN, data.ESME_RINVDSTADR, data.ESME_RINVDSTTON, data.ESME_RINVDSTNPI,
		data.ESME_RX_P_APPN, data.ESME_RX_R_APPN, data.ESME_RINVEXPIRY:
		return notify.Refused
	}
	return notify.Retry
}

// refusesBind reports statuses that no reconnecting will change.
func (e statusError) refusesBind() bool {
	switch data.CommandStatusType(e) {
	case data.ESME_RBINDFAIL, data.ESME_RINVPASWD, data.ESME_RINVSYSID, data.ESME_RINVSYSTYP:
		return true
	}
	return false
}
