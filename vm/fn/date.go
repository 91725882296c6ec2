package fn

func dateFuncs() []*Func { return nil }
