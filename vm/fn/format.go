package fn

func formatFuncs() []*Func { return nil }
