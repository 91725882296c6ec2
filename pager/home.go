package pager

type home struct{ p *Pager }

func (h *home) init(p *Pager) { h.p = p }

func (h *home) segments() [][]byte { return nil }

func (h *home) read(tx *Tx, no PageNo) ([]byte, error) {
	return nil, h.p.corrupt(no, 0, "page was never written")
}
