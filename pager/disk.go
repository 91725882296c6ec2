package pager

import "context"

type disk struct{}

type group struct{}

func (g *group) init() {}

type counters struct{}

// CheckpointResult tells what a checkpoint did.
type CheckpointResult struct{}

// Open opens the database at path.
func Open(ctx context.Context, path string, opts *Options) (*Pager, error) { return nil, ErrCantOpen }

func (p *Pager) closeDisk(ctx context.Context) error { return nil }

// Checkpoint carries pages home.
func (p *Pager) Checkpoint(ctx context.Context) (CheckpointResult, error) {
	return CheckpointResult{}, nil
}

// NeedsCheckpoint says whether a checkpoint is due.
func (p *Pager) NeedsCheckpoint() bool { return false }

// SyncLog makes published commits durable.
func (p *Pager) SyncLog() error { return nil }
