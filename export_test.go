package rustlite

// SetBatchRows bounds the batches of statements that c compiles from now on.
func (c *Conn) SetBatchRows(n int) { c.batchRows = n }
