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

// turn is the writer's lock. Those that wait are served in the order in which they came. While the first
// of them has been the first for less than overtakeMax, others may overtake it: a processor that goes from
// one small transaction to the next has everything in its caches, and does ten of them in the time in
// which two pass from one processor to another. A wait ends with the context, whose error it then gives,
// or with the busy timeout (ErrBusy).
type turn struct {
	mu struct {
		sync.Mutex
		held  bool
		queue []*waiter
		since time.Time // From when on the first of the queue has been that.
	}
}

// overtakeMax is how long others may go before the first that waits.
const overtakeMax = 30 * time.Microsecond

// waiter is one that waits for its turn. Turns are short, so that it first only lets others run; then
// it sleeps, which costs more than a turn takes.
type waiter struct {
	state atomic.Uint32
	woken chan struct{} // a sleeper's: closed when it is called or served
}

// The states of a waiter.
const (
	waiterAwake uint32 = iota
	waiterAsleep
	waiterCalled // It was the first when the turn became free.
	waiterServed // It is its turn.
)

// awakeRounds is how often a waiter lets others run before it sleeps.
const awakeRounds = 64

var waiters = sync.Pool{New: func() any { return new(waiter) }}

// rouse tells a waiter that it is called or served.
func (w *waiter) rouse(state uint32) {
	if w.state.Swap(state) == waiterAsleep {
		close(w.woken)
	}
}

// linger lets others run until w is called or served; if it is not for long, it is asleep then.
func (w *waiter) linger() (state uint32) {
	for range awakeRounds {
		if state := w.state.Load(); state >= waiterCalled {
			return state
		}
		runtime.Gosched()
	}
	w.woken = make(chan struct{})
	if w.state.CompareAndSwap(waiterAwake, waiterAsleep) {
		return waiterAsleep // From here on woken tells, which is the last that others touch of w.
	}
	return w.state.Load()
}

// takeLocked takes the turn if it is free.
func (t *turn) takeLocked() bool {
	free := !t.mu.held
	t.mu.held = true
	return free
}

// leaveLocked takes w out of the queue; false when it is not there.
func (t *turn) leaveLocked(w *waiter) bool {
	i := slices.Index(t.mu.queue, w)
	if i < 0 {
		return false
	}
	t.mu.queue = slices.Delete(t.mu.queue, i, i+1)
	if i == 0 {
		t.mu.since = time.Now()
	}
	return true
}

func (t *turn) acquire(ctx context.Context, clock vfs.Clock, timeout time.Duration) error {
	if err := ctx.Err(); err != nil {
		return waitEnded(err)
	}
	t.mu.Lock()
	if t.takeLocked() {
		t.mu.Unlock()
		return nil
	}
	if timeout <= 0 {
		t.mu.Unlock()
		return ErrBusy
	}
	w := waiters.Get().(*waiter)
	w.state.Store(waiterAwake)
	if len(t.mu.queue) == 0 {
		t.mu.since = time.Now()
	}
	t.mu.queue = append(t.mu.queue, w)
	t.mu.Unlock()
	err := t.wait(ctx, w, clock, timeout)
	waiters.Put(w)
	return err
}

// answer is what a call comes to: the turn, if nobody was faster.
func (t *turn) answer(w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.state.Load() == waiterServed {
		return true
	}
	w.state.Store(waiterAwake)
	return t.takeLocked() && t.leaveLocked(w)
}

// wait returns when w is served, or has left the queue.
func (t *turn) wait(ctx context.Context, w *waiter, clock vfs.Clock, timeout time.Duration) error {
	var timer <-chan time.Time
	for {
		switch w.linger() {
		case waiterServed:
			return nil
		case waiterCalled:
			if t.answer(w) {
				return nil
			}
			continue
		}
		if timer == nil {
			var stop func()
			timer, stop = clock.After(timeout)
			defer stop()
		}
		err := ErrBusy
		select {
		case <-w.woken:
			continue
		case <-ctx.Done():
			err = waitEnded(ctx.Err())
		case <-timer:
			// Of two ends that have both passed, on a busy machine, the caller's own counts.
			if end, ok := ctx.Deadline(); ok && !clock.Now().Before(end) {
				err = waitEnded(context.DeadlineExceeded)
			}
		}
		t.giveUp(w)
		return err
	}
}

// giveUp ends a wait; what w was called or served for meanwhile is passed on.
func (t *turn) giveUp(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.leaveLocked(w) || w.state.Load() == waiterCalled && !t.mu.held {
		t.releaseLocked()
	}
}

// waitEnded is the error of a wait that the caller's context ended: the caller
// gave up, nobody refused.
func waitEnded(err error) error { return fmt.Errorf("waiting to write: %w", err) }

func (t *turn) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.releaseLocked()
}

func (t *turn) releaseLocked() {
	t.mu.held = false
	if len(t.mu.queue) == 0 {
		return
	}
	first := t.mu.queue[0]
	if time.Since(t.mu.since) < overtakeMax {
		first.rouse(waiterCalled)
		return
	}
	t.mu.held = true
	t.leaveLocked(first)
	first.rouse(waiterServed)
}
