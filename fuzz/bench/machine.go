package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// machine is where a report was made: what the system tells of itself.
type machine struct {
	CPU, System, Memory, Disk, Load string
	Cores                           int
	Go                              string
	Versions                        []string // Of the engines' libraries.
}

func thisMachine(dir string) machine {
	m := machine{Cores: runtime.NumCPU(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	m.CPU = field("/proc/cpuinfo", "model name")
	m.Memory = field("/proc/meminfo", "MemTotal")
	m.Disk = fileSystem(dir)
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load = strings.Fields(string(b))[0]
	}
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
	return fmt.Sprintf("%s, %d cores, %s of memory, files on %s; %s, %s; load %s at the start. %s.",
		m.CPU, m.Cores, m.Memory, m.Disk, m.System, m.Go, m.Load, strings.Join(m.Versions, ", "))
}
