package vfs

import (
	"crypto/rand"
	"os"
	"time"
)

type systemFS struct{ FS }

func (systemFS) Clock() Clock    { return systemClock{} }
func (systemFS) Random(b []byte) { rand.Read(b) }
func (systemFS) ProcessID() int  { return os.Getpid() }

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }
func (systemClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}
