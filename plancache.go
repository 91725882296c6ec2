package rustlite

import (
	"sync"

	"github.com/rustlite/rustlite/planner/codegen"
)

// planCache shares programs between connections. Its key is all that a
// program depends on: the text, the catalogue, how it was compiled.
type planCache struct {
	mu    sync.Mutex
	plans map[planKey]*plan
	order []planKey // A ring: the oldest leaves when the cache is full.
	next  int
}

type planKey struct {
	text string
	fingerprint
}

// fingerprint is what a program depends on apart from its text.
type fingerprint struct {
	catalog   uint64
	functions uint64
	batchRows int
	settings  codegen.Settings
}

// plansMax bounds the cache, in programs.
const plansMax = 512

func (c *planCache) get(k planKey) *plan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plans[k]
}

func (c *planCache) put(k planKey, p *plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.plans == nil {
		c.plans = map[planKey]*plan{}
	}
	if _, ok := c.plans[k]; ok {
		return
	}
	if len(c.order) < plansMax {
		c.order = append(c.order, k)
	} else {
		delete(c.plans, c.order[c.next])
		c.order[c.next] = k
		c.next = (c.next + 1) % plansMax
	}
	c.plans[k] = p
}
