package pager

import (
	"slices"
	"sort"
	"sync"
)

// counts are the page counts of the published commits, from that on which the home is at. A checkpoint
// asks here and not for the header's version as of a commit: that one may be dropped, while an older
// one is still there for a reader.
type counts struct {
	mu   sync.Mutex
	list []countSince
}

// countSince is the page count of a commit and of those after it, up to the next in the list.
type countSince struct {
	commit CommitNo
	count  PageNo
}

// publish notes the page count of a commit.
func (c *counts) publish(st *state) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.list); n == 0 || c.list[n-1].count != st.pageCount {
		c.list = append(c.list, countSince{st.commit, st.pageCount})
	}
}

// findLocked is the place of the count as of a commit, which is no older than the oldest noted.
func (c *counts) findLocked(commit CommitNo) int {
	return max(0, sort.Search(len(c.list), func(i int) bool { return c.list[i].commit > commit })-1)
}

// at is the page count as of a commit.
func (c *counts) at(commit CommitNo) PageNo {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.list[c.findLocked(commit)].count
}

// forget drops what is known of older commits.
func (c *counts) forget(commit CommitNo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = slices.Delete(c.list, 0, c.findLocked(commit))
}
