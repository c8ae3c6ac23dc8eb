package main

// keysCommand is `clave keys`.
type keysCommand struct {
	List      keysListCommand      `cmd:"" help:"List the keys; none is shown."`
	Rotate    keysRotateCommand    `cmd:"" help:"Replace the keys of a use. They also replace themselves by schedule."`
	Remove    keysRemoveCommand    `cmd:"" help:"Take a retired key away before its time, because others may know it."`
	Reseal    keysResealCommand    `cmd:"" help:"Seal personal data under the newest key, after a rotation of the use seal. May be stopped and begun again."`
	NewMaster keysNewMasterCommand `cmd:"" aliases:"new" help:"Make a master key for a new installation."`
}
