package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// machine is where a report was made: what the system tells of itself.
type machine struct {
	CPU, System, Memory, Disk string
	Cores                     int
	Go                        string
	Versions                  []string // Of the engines' libraries, also of runs that were added to.
}

// thisMachine looks at the machine and at this program; versions are those of
// an earlier run.
func thisMachine(dir string, versions []string) machine {
	m := machine{
		Cores: runtime.NumCPU(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Versions: slices.Clone(versions),
	}
	m.CPU = field("/proc/cpuinfo", "model name")
	if kib, err := strconv.ParseFloat(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 64); err == nil {
		m.Memory = fmt.Sprintf("%.0f GiB", kib/(1<<20))
	}
	m.Disk = fileSystem(dir)
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += ", kernel " + strings.TrimSpace(string(b))
	}
	if b, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output(); err == nil {
		m.Versions = append(m.Versions, "RustLite "+strings.TrimSpace(string(b)))
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			switch d.Path {
			case "github.com/mattn/go-sqlite3", "modernc.org/sqlite", "github.com/duckdb/duckdb-go/v2":
				m.Versions = append(m.Versions, d.Path+" "+d.Version)
			}
		}
	}
	slices.Sort(m.Versions)
	m.Versions = slices.Compact(m.Versions)
	return m
}

// field finds the first line "name: value" of a file.
func field(path, name string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for l := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// fileSystem names the device and file system that a folder lies on.
func fileSystem(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	b, err := os.ReadFile("/proc/mounts")
	if err != nil {
		return ""
	}
	best, found := 0, ""
	for l := range strings.Lines(string(b)) {
		f := strings.Fields(l)
		if len(f) > 2 && strings.HasPrefix(dir+"/", strings.TrimSuffix(f[1], "/")+"/") && len(f[1]) > best {
			best, found = len(f[1]), f[0]+", "+f[2]
		}
	}
	return found
}

func (m *machine) String() string {
	return fmt.Sprintf("%s, %d cores, %s of memory, files on %s; %s, %s. %s.",
		m.CPU, m.Cores, m.Memory, m.Disk, m.System, m.Go, strings.Join(m.Versions, ", "))
}

// load is how many threads have wanted to run in the last minute, 0 where the
// system does not tell.
func load() float64 {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), " ")
	l, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return l
}
