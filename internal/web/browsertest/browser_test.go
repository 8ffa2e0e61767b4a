package browsertest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var (
	update = flag.Bool("update", false, "write the golden files anew")
	shots  = flag.String("shots", "", "folder for pictures of the main pages; none are made without it")
)

// The two widths every page is looked at: a small telephone, which is also what is left
// of 1,280 pixels at 400 % zoom, and a desk.
const (
	narrow = 320
	wide   = 1280
)

// browser is the one Chromium of this package, started by the first test that needs it.
var browser struct {
	once sync.Once
	ctx  context.Context
	err  error
	stop []func()
}

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))) // people wait for mails most of the time
	code := m.Run()
	stopDemo()
	for _, stop := range browser.stop {
		stop()
	}
	os.Exit(code)
}

func startBrowser() {
	// Chromium without windows does the same with two thirds of the work.
	path, err := exec.LookPath("chromium-headless-shell")
	if err != nil {
		path, err = exec.LookPath("chromium")
	}
	if err != nil {
		browser.err = errors.New("the browser tests need Chromium; install it with: apt-get install chromium-headless-shell")
		return
	}
	profile, err := os.MkdirTemp("", "undersigned-browser-")
	if err != nil {
		browser.err = fmt.Errorf("make a folder for the browser: %w", err)
		return
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(profile)}
	for _, name := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
		"disable-component-update", "disable-sync", "hide-scrollbars", "disable-dev-shm-usage",
		// Tabs that are not in front must run as fast as the one that is.
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-renderer-backgrounding",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	// Nobody goes back here, and a process for each page that is opened takes longer than most pages.
	options = append(options, chromedp.Flag("disable-features", "BackForwardCache"), chromedp.Flag("renderer-process-limit", "2"))
	all, stopAll := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopOne := chromedp.NewContext(all)
	browser.stop = []func(){stopOne, stopAll, func() { os.RemoveAll(profile) }}
	if err := chromedp.Do(ctx); err != nil {
		browser.err = fmt.Errorf("start %s: %w", path, err)
		return
	}
	browser.ctx = ctx
}

// A tab is one page in a window of its own: no tab shares cookies with another unless it
// was made by beside.
type tab struct {
	testing.TB
	ctx context.Context
}

// newTab opens a fresh window. It ends with the test.
func newTab(t testing.TB) *tab {
	t.Helper()
	browser.once.Do(startBrowser)
	if browser.err != nil {
		t.Fatal(browser.err)
	}
	return open(t, browser.ctx, chromedp.WithNewBrowserContext())
}

// beside opens a second tab in the same window, with the same cookies.
func (b *tab) beside() *tab {
	b.Helper()
	return open(b.TB, b.ctx)
}

func open(t testing.TB, parent context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	// The first deed of a context makes the tab, and a deadline of that one would close it.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	b := &tab{t, ctx}
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}) // as if it were in front
	b.width(wide)
	return b
}

// in gives the same tab to a subtest.
func (b *tab) in(t testing.TB) *tab { return &tab{t, b.ctx} }

// patience is how long one step in the browser may take on a busy machine.
const patience = 20 * time.Second

// try does one thing in the browser.
func try[T any](b *tab, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return do(ctx)
}

// must does one thing in the browser, or ends the test.
func must[T any](b *tab, do func(context.Context) (T, error)) T {
	b.Helper()
	value, err := try(b, do)
	if err != nil {
		b.Fatalf("browser: %v", err)
	}
	return value
}

// call sends a command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.Helper()
	return must(b, func(ctx context.Context) (R, error) { return chromedp.Call(ctx, command, params) })
}

// do does one of chromedp's actions.
func do[T any](b *tab, action chromedp.Action[T]) T {
	b.Helper()
	return must(b, func(ctx context.Context) (T, error) { return chromedp.Run(ctx, action) })
}

// eval gives the value of an expression; a promise is waited for.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	return do(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// width sets the size of the window in CSS pixels.
func (b *tab) width(pixels int64) {
	b.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: pixels, Height: 900, DeviceScaleFactor: 1})
}

// media sets what the reader's system asks for, pairs of feature and value.
func (b *tab) media(pairs ...string) {
	b.Helper()
	var features []*emulation.MediaFeature
	for i := 0; i < len(pairs); i += 2 {
		features = append(features, &emulation.MediaFeature{Name: pairs[i], Value: pairs[i+1]})
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// visit opens an address and waits until it has loaded.
func (b *tab) visit(url string) {
	b.Helper()
	do(b, chromedp.Navigate(url))
}
