package main

import (
	"clave/census/receipt"
	"clave/identity"
	"clave/providers/movil/app"
	"clave/web/frame"
	"clave/web/portal"
	"clave/web/portal/account"
	"clave/web/portal/procedure"
	"clave/web/route"
)

// frontDoor are the public pages of registration. An office search elsewhere, by
// the settings, takes the place of our own.
func (in *installation) frontDoor() *portal.Pages {
	ways := map[identity.Channel]string{}
	online := portal.Online{Email: procedure.EmailPath, Activation: procedure.ActivationPath, Withdraw: procedure.WithdrawPath}
	if in.Letters != nil {
		ways[identity.ByLetter] = procedure.LetterPath
		online.WithdrawByLetter = procedure.LeaveByLetterPath
	}
	if in.Certificates != nil {
		ways[identity.ByCertificate] = procedure.CertificatePath
		online.Phone, online.Level = procedure.PhonePath, procedure.LevelPath
	}
	if in.Frame.OfficeSearch != portal.OfficesPath {
		ways[identity.ByOffice] = in.Frame.OfficeSearch
	}
	var devices string
	if in.Movil != nil {
		devices = app.Path
	}
	return portal.New(portal.Config{
		App:    devices,
		Engine: in.engine, Ways: ways, Online: online, Verify: receipt.VerifyPath, Account: account.Path, Offices: in.directory,
	})
}

// home is the page at the issuer's address, where the sandbox has its own.
func (in *installation) home() []route.Route { return []route.Route{in.door.Home()} }

// siteMap are the pages that the site map lists beside those about the installation.
func (in *installation) siteMap() []frame.Link {
	links := []frame.Link{
		{Path: account.Path, Text: "account.overview.title"},
		{Path: portal.RegisterPath, Text: "portal.register.title"},
		{Path: portal.GuidePath, Text: "portal.guide.title"},
		{Path: portal.ChangePath, Text: "portal.change.title"},
		{Path: portal.LevelPath, Text: "portal.level.title"},
		{Path: portal.WithdrawPath, Text: "portal.withdraw.title"},
		{Path: portal.QuestionsPath, Text: "portal.questions.title"},
		{Path: portal.PhonesPath, Text: "portal.phones.title"},
		{Path: portal.OfficesPath, Text: "portal.offices.title"},
		{Path: receipt.VerifyPath, Text: "papers.verify.title"},
	}
	if in.Movil != nil {
		links = append(links, frame.Link{Path: app.Path, Text: "portal.app.title"})
	}
	return links
}
