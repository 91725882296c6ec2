package pager

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rustlite/rustlite/pager/vfs"
)

// turn is the writer's lock: first come first served, handed over directly. A wait ends with the
// context, whose error it then gives, or with the busy timeout (ErrBusy).
type turn struct {
	mu struct {
		sync.Mutex
		held  bool
		queue []*waiter
	}
}

// waiter is one that waits for its turn. Turns are short, so that it first only lets others run; then
// it sleeps, which costs more than a turn takes.
type waiter struct {
	state atomic.Uint32
	woken chan struct{} // a sleeper's: closed when its turn comes
}

// The states of a waiter.
const (
	waiterAwake uint32 = iota
	waiterAsleep
	waiterServed // It is its turn.
)

// awakeRounds is how often a waiter lets others run before it sleeps.
const awakeRounds = 64

var waiters = sync.Pool{New: func() any { return new(waiter) }}

// serve hands the turn over.
func (w *waiter) serve() {
	if w.state.Swap(waiterServed) == waiterAsleep {
		close(w.woken)
	}
}

// linger says whether the turn has come while others ran; if not, the waiter is asleep.
func (w *waiter) linger() bool {
	for range awakeRounds {
		if w.state.Load() == waiterServed {
			return true
		}
		runtime.Gosched()
	}
	w.woken = make(chan struct{})
	return !w.state.CompareAndSwap(waiterAwake, waiterAsleep)
}

func (t *turn) acquire(ctx context.Context, clock vfs.Clock, timeout time.Duration) error {
	if err := ctx.Err(); err != nil {
		return waitEnded(err)
	}
	t.mu.Lock()
	if !t.mu.held {
		t.mu.held = true
		t.mu.Unlock()
		return nil
	}
	if timeout <= 0 {
		t.mu.Unlock()
		return ErrBusy
	}
	w := waiters.Get().(*waiter)
	w.state.Store(waiterAwake)
	t.mu.queue = append(t.mu.queue, w)
	t.mu.Unlock()
	err := t.wait(ctx, w, clock, timeout)
	waiters.Put(w)
	return err
}

// wait returns when w is served, or has left the queue.
func (t *turn) wait(ctx context.Context, w *waiter, clock vfs.Clock, timeout time.Duration) error {
	if w.linger() {
		return nil
	}
	timer, stop := clock.After(timeout)
	defer stop()
	err := ErrBusy
	select {
	case <-w.woken:
		return nil
	case <-ctx.Done():
		err = waitEnded(ctx.Err())
	case <-timer:
		// Of two ends that have both passed, on a busy machine, the caller's own counts.
		if end, ok := ctx.Deadline(); ok && !clock.Now().Before(end) {
			err = waitEnded(context.DeadlineExceeded)
		}
	}
	t.mu.Lock()
	i := slices.Index(t.mu.queue, w)
	if i >= 0 {
		t.mu.queue = slices.Delete(t.mu.queue, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 { // The turn was handed over while we gave up: pass it on.
		t.release()
	}
	return err
}

// waitEnded is the error of a wait that the caller's context ended: the caller
// gave up, nobody refused.
func waitEnded(err error) error { return fmt.Errorf("waiting to write: %w", err) }

func (t *turn) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.mu.queue) == 0 {
		t.mu.held = false
		return
	}
	next := t.mu.queue[0]
	t.mu.queue = slices.Delete(t.mu.queue, 0, 1)
	next.serve()
}
