package browser

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// atOnce is how many tests run at the same time. They share one browser, and each
// has a sandbox of its own.
const atOnce = "3"

// patience is how long anything may take. Nothing depends on how fast it is.
const patience = 2 * time.Minute

// lab is what all tests share; TestMain fills it.
var lab struct {
	binary  string
	axe     string
	output  string // folder for the pictures
	browser context.Context
}

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set(atOnce) // a constant number
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "clave-browser-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if lab.axe, err = readAxe(); err != nil {
		return 1, err
	}
	if lab.output, err = filepath.Abs("../output"); err != nil {
		return 1, err
	}
	if err := os.MkdirAll(lab.output, 0o755); err != nil {
		return 1, err
	}
	lab.binary = filepath.Join(dir, "clave")
	build := exec.Command("go", "build", "-o", lab.binary, "clave/cmd/clave")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	browser, stop, err := startBrowser(filepath.Join(dir, "profile"))
	if err != nil {
		return 1, err
	}
	defer stop()
	lab.browser = browser
	return m.Run(), nil
}

// readAxe reads the accessibility engine.
func readAxe() (string, error) {
	file := os.Getenv("CLAVE_AXE")
	if file == "" {
		file = filepath.Join("node_modules", "axe-core", "axe.min.js")
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading axe: %w; install it with: npm ci --prefix test/browser, or name the file in CLAVE_AXE", err)
	}
	return string(source), nil
}

// startBrowser starts Chromium with an empty profile.
func startBrowser(profile string) (context.Context, func(), error) {
	path := os.Getenv("CLAVE_CHROMIUM")
	if path == "" {
		var err error
		if path, err = exec.LookPath("chromium"); err != nil {
			return nil, nil, fmt.Errorf("looking for Chromium: %w; install Debian's package chromium, or name the program in CLAVE_CHROMIUM", err)
		}
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	browser, stopBrowser := chromedp.NewContext(allocator)
	stop := func() { stopBrowser(); stopAllocator() }
	if err := chromedp.Do(browser); err != nil {
		stop()
		return nil, nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return browser, stop, nil
}
