package main

import (
	"context"
	"os/exec"
	"strings"
)

// apacheModules is where Debian keeps them.
const apacheModules = "/usr/lib/apache2/modules/"

// apacheBinary is found although /usr/sbin is on few paths.
func apacheBinary() string {
	if path, err := exec.LookPath("apache2"); err == nil {
		return path
	}
	return "/usr/sbin/apache2"
}

// findApacheModule finds a Debian package with a module of Apache.
func findApacheModule(name string) func(context.Context, places) (string, string) {
	return func(ctx context.Context, _ places) (version, missing string) {
		if version = debianVersion(ctx, name); version == "" {
			return "", "apt-get install " + name
		}
		return version, ""
	}
}

// runApache runs Apache with a module's settings at the address. Below /show is a
// program that prints what the module gives to applications.
func (w *world) runApache(ctx context.Context, address, module, settings string, environment ...string) error {
	show, err := w.write("show/home", "#!/bin/sh\necho 'Content-Type: text/plain; charset=utf-8'\necho\nenv\n")
	if err != nil {
		return err
	}
	if _, err := output(ctx, "chmod", "700", show); err != nil {
		return err
	}
	var loaded strings.Builder
	for _, name := range [...]string{"mpm_prefork", "authn_core", "authz_core", "authz_user", "alias", "cgi", "env"} {
		loaded.WriteString("LoadModule " + name + "_module " + apacheModules + "mod_" + name + ".so\n")
	}
	file, err := w.write("apache.conf", `ServerRoot `+w.folder+`
ServerName http://`+address+`
UseCanonicalName On
Listen `+address+`
PidFile `+w.folder+`/apache.pid
ErrorLog `+w.folder+`/apache-errors.log
DefaultRuntimeDir `+w.folder+`
KeepAlive Off
DocumentRoot `+w.folder+`/show
`+loaded.String()+`LoadModule `+module+`
ScriptAlias /show/ `+w.folder+`/show/
<Directory `+w.folder+`/show>
  Require all granted
</Directory>
`+settings)
	if err != nil {
		return err
	}
	return w.run(ctx, listens(address), environment, apacheBinary(), "-X", "-f", file)
}
