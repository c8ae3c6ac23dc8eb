package audit

// The kinds of devices of Cl@ve Móvil.
const (
	KindDeviceCodeSent  Kind = "device_code_sent"
	KindDeviceCodeWrong Kind = "device_code_wrong"
	KindDeviceActivated Kind = "device_activated"
	KindDeviceRemoved   Kind = "device_removed"
)

// DeviceCodeSent: a code to activate a device was sent to the phone.
type DeviceCodeSent struct {
	Sent int `json:"sent"` // how many for this activation, this one included
}

// DeviceCodeWrong: such a code was wrong.
type DeviceCodeWrong struct {
	Wrong int `json:"wrong"` // how many for this activation, this one included
}

// DeviceActivated: a citizen activated a device.
type DeviceActivated struct {
	Device string `json:"device"`
	How    string `json:"how"`    // sms or certificate
	Synced bool   `json:"synced"` // its passkey may be copied to other devices
}

// DeviceRemoved: a citizen removed one.
type DeviceRemoved struct {
	Device string `json:"device"`
}

// Kind implements Data.
func (DeviceCodeSent) Kind() Kind { return KindDeviceCodeSent }

// Kind implements Data.
func (DeviceCodeWrong) Kind() Kind { return KindDeviceCodeWrong }

// Kind implements Data.
func (DeviceActivated) Kind() Kind { return KindDeviceActivated }

// Kind implements Data.
func (DeviceRemoved) Kind() Kind { return KindDeviceRemoved }
