package main

import (
	"clave/notify/push"
	"clave/providers/movil/app"
)

// addApp makes the app Cl@ve Móvil, where the installation offers the method.
func (in *installation) addApp(p procedures) error {
	if in.movil == nil {
		return nil
	}
	var pushKey string
	if in.Movil.Pushes != nil {
		var err error
		if pushKey, err = push.PublicKey(in.keys.Push()); err != nil {
			return err
		}
	}
	in.app = app.New(app.Config{
		Movil: in.movil, PINs: shownPINs{in.pin, in.parties}, PushKey: pushKey, Cookies: in.keys.Cookies(), Jar: p.jar, Pages: in.engine, Log: in.Log, Now: in.Now,
	})
	in.routes = append(in.routes, in.app.Routes()...)
	return nil
}
