package pager

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rustlite/rustlite/pager/vfs"
)

// turn is the writer's lock: first come first served, handed over directly on channels. A wait
// ends with the context, whose error it then gives, or with the busy timeout (ErrBusy).
type turn struct {
	mu struct {
		sync.Mutex
		held  bool
		queue []chan struct{}
	}
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
	mine := make(chan struct{})
	t.mu.queue = append(t.mu.queue, mine)
	t.mu.Unlock()

	timer, stop := clock.After(timeout)
	defer stop()
	err := ErrBusy
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
		err = waitEnded(ctx.Err())
	case <-timer:
	}
	t.mu.Lock()
	for i, c := range t.mu.queue {
		if c == mine {
			t.mu.queue = append(t.mu.queue[:i], t.mu.queue[i+1:]...)
			t.mu.Unlock()
			return err
		}
	}
	t.mu.Unlock()
	// The turn was handed over while we gave up: pass it on.
	t.release()
	return err
}

// waitEnded is the error of a wait that the caller's context ended: the caller
// gave up, nobody refused.
func waitEnded(err error) error { return fmt.Errorf("waiting to write: %w", err) }

func (t *turn) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.mu.queue) > 0 {
		close(t.mu.queue[0])
		t.mu.queue = t.mu.queue[1:]
		return
	}
	t.mu.held = false
}
