package browser

// The staff of the sandbox.
const (
	officer       = "00000003A"
	reviewer      = "00000004G"
	supervisor    = "00000005M"
	administrator = "00000006Y"
)

const signIn = "form[action='/staff/enter'] .button"

// signInAs signs somebody in to the console without hands, and arrives at a page.
func (b *tab) signInAs(document, page string) {
	b.t.Helper()
	b.open("/staff?login_hint=test:" + document + ":certificate")
	b.arrive(page, b.activate(signIn))
}

func tourConsole(b *tab) {
	b.open("/staff/members")
	b.look("console-enter", "fresh")
	b.signInAs(carmen().document, "/staff/stranger")
	b.look("console-stranger", "fresh")
	b.signInAs(reviewer, "/staff/home")
	b.look("console-home", "nothing")
	b.open("/staff/members")
	b.look("console-error", "forbidden")
	b.open("/staff")
	b.look("console-enter", "signed-in")

	b.signInAs(supervisor, "/staff/office")
	b.look("console-office", "fresh")
	b.arrive("/staff/office", b.activate("main form .button"))
	b.look("console-office", "wrong")

	b.signInAs(administrator, "/staff/members")
	b.look("console-members", "some")
	b.arrive("/staff/members/add", b.activate("main a.button"))
	b.look("console-add", "fresh")
	b.fill("#document", "12345678A")
	b.fill("#offices", "P28001, NOWHERE")
	b.arrive("/staff/members/add", b.activate("main form .button"))
	b.look("console-add", "wrong")
	b.fill("#document", carmen().document)
	b.do(b.click("#role-officer"))
	b.fill("#offices", "P28001, P08001")
	b.arrive("/staff/members", b.activate("main form .button"))
	b.look("console-members", "added")
	b.arrive("/staff/members/*/change", b.activate(".card:nth-child(2) a"))
	b.look("console-change", "fresh")
	b.arrive("/staff/members", b.activate("form[action$='/remove'] .button"))
	b.look("console-members", "removed")
	b.arrive("/staff/left", b.activate("form[action='/staff/leave'] button"))
	b.look("console-left", "fresh")
}
