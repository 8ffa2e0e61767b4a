package ops

import (
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"
	"time"

	"undersigned/internal/meter"
)

// writeProcess writes how the process fares, under the names that every Go program's
// dashboards know.
func (p *Port) writeProcess(page *meter.Page) {
	page.Gauges("undersigned_build_info", "1, with the version that runs.", "version", []meter.Sample{{Label: p.config.Version, Value: 1}})
	page.Gauge("go_goroutines", "Goroutines that exist.", float64(runtime.NumGoroutine()))
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/cpu/classes/gc/total:cpu-seconds"},
	}
	metrics.Read(samples)
	page.Gauge("go_memstats_heap_alloc_bytes", "Bytes of objects in use or not yet swept.", whole(samples[0]))
	page.Gauge("go_memstats_sys_bytes", "Bytes that Go has from the operating system.", whole(samples[1]))
	page.Counter("go_gc_cycles_total", "Garbage collections since the process began.", whole(samples[2]))
	if samples[3].Value.Kind() == metrics.KindFloat64 {
		page.Counter("go_gc_cpu_seconds_total", "Estimated processor time that garbage collection took.", samples[3].Value.Float64())
	}
	page.Gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", float64(p.began.UnixMilli())/1000)
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err == nil {
		spent := time.Duration(used.Utime.Nano() + used.Stime.Nano())
		page.Counter("process_cpu_seconds_total", "Processor time that the process took.", spent.Seconds())
	}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		page.Gauge("process_open_fds", "Open file descriptors.", float64(len(open)))
	}
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			if pages, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
				page.Gauge("process_resident_memory_bytes", "Memory that the process holds.", float64(pages*int64(os.Getpagesize())))
			}
		}
	}
}

func whole(s metrics.Sample) float64 {
	if s.Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return float64(s.Value.Uint64())
}
