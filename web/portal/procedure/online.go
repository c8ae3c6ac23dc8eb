package procedure

import (
	"slices"

	"clave/census/registration"
	"clave/identity"
	"clave/web/route"
)

// Addresses where the procedures of who is logged in begin.
const (
	CertificatePath = "/register/certificate"
	PhonePath       = "/my/phone"
	EmailPath       = "/my/email"
	LevelPath       = "/my/level"
	ActivationPath  = "/my/activation"
	WithdrawPath    = "/my/withdraw"

	registerPath = "/register" // the front door

	// activationByCertificate is ActivationPath for who has to show a certificate.
	activationByCertificate = ActivationPath + "/certificate"
)

// known is a flow of who is logged in.
func (p *Pages) known(name registration.Name, path string) *flow {
	return &flow{
		Pages: p, name: name, path: path, first: path, home: "/my", access: route.Citizen(identity.Low), fresh: route.Fresh(identity.Low, ""),
	}
}

// demanding makes the flow begin with a certificate.
func (f *flow) demanding() *flow {
	f.fresh = route.Fresh(identity.Low, identity.Certificate)
	return f
}

// Logged serves the procedures that any login allows: another address, a new activation
// code, and leaving.
func (p *Pages) Logged() []route.Route {
	email, regenerate, leave := p.known(registration.Email, EmailPath), p.known(registration.Regenerate, ActivationPath), p.known(registration.Withdraw, WithdrawPath)
	return slices.Concat(
		email.begin(email.showOpening, email.takeOpening), email.contacting(), email.common(), email.ending(), email.finishing(),
		regenerate.begin(regenerate.showWish, regenerate.takeWish), regenerate.confirming(), regenerate.common(), regenerate.ending(), regenerate.finishing(),
		leave.begin(leave.showWish, leave.takeWish), leave.confirming(), leave.coding(), leave.common(), leave.left(),
	)
}

// Certified serves those that begin with a certificate: registering, another phone, and
// a higher level; and a new activation code for who is registered at the basic level.
func (p *Pages) Certified() []route.Route {
	register := p.known(registration.Certificate, CertificatePath).demanding()
	register.first, register.home = CertificatePath+"/choice", registerPath
	register.matched, register.ask = registration.StepContact, askPrinted
	phone, raise := p.known(registration.Phone, PhonePath).demanding(), p.known(registration.Raise, LevelPath).demanding()
	regenerate := p.known(registration.Regenerate, ActivationPath).demanding()
	regenerate.first = activationByCertificate
	return slices.Concat(
		register.explained(), register.begin(register.showWishes, register.takeWishes), register.identifying(),
		register.contacting(), register.common(), register.ending(), register.finishing(),
		phone.begin(phone.showOpening, phone.takeOpening), phone.contacting(), phone.common(), phone.ending(), phone.finishing(),
		raise.begin(raise.showWish, raise.takeWish), raise.confirming(), raise.common(), raise.ending(), raise.finishing(),
		regenerate.begin(regenerate.showWish, regenerate.takeWish),
	)
}
