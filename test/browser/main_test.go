package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"clave/test/product"

	"github.com/chromedp/chromedp"
)

// atOnce is how many tests run at the same time. They share one browser, and each
// has a sandbox of its own.
const atOnce = 3

// patience is how long anything may take. Nothing depends on how fast it is.
const patience = 2 * time.Minute

// lab is what all tests share; TestMain fills it.
var lab struct {
	binary   string
	axe      string
	output   string // folder for the pictures
	pictures bool   // of every page that is looked at
	model    string // data folder that sandboxes get a copy of
	browser  context.Context
	stop     func()
}

func TestMain(m *testing.M) {
	product.Main(m, atOnce, setUp, func() error {
		if lab.stop != nil {
			lab.stop()
		}
		_ = os.Remove(policyFile) // there only when a test needed it
		return nil
	})
}

func setUp(s product.Stage) (err error) {
	lab.binary = s.Binary
	if lab.axe, err = readAxe(); err != nil {
		return err
	}
	if lab.output, err = filepath.Abs("../output"); err != nil {
		return err
	}
	if err := os.MkdirAll(lab.output, 0o755); err != nil {
		return err
	}
	lab.pictures = flag.Lookup("test.run").Value.String() != "" || os.Getenv("CLAVE_PICTURES") != ""
	lab.model = filepath.Join(s.Dir, "model")
	if err := makeModel(lab.model); err != nil {
		return fmt.Errorf("making the model of the sandboxes: %w", err)
	}
	lab.browser, lab.stop, err = startBrowser(filepath.Join(s.Dir, "profile"))
	return err
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
func startBrowser(profile string, more ...chromedp.ExecAllocatorOption) (context.Context, func(), error) {
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
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	browser, stopBrowser := chromedp.NewContext(allocator)
	stop := func() { stopBrowser(); stopAllocator() }
	if err := chromedp.Do(browser); err != nil {
		stop()
		return nil, nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return browser, stop, nil
}
