package fn

// Builtin returns the registry of the built-in functions.
func Builtin() *Registry {
	return NewRegistry(generalFuncs(), textFuncs(), patternFuncs(), numberFuncs(), mathFuncs(), blobFuncs(), quoteFuncs(), formatFuncs(),
		dateFuncs(), systemFuncs(), sumFuncs(), countFuncs(), extremeFuncs(), joinFuncs(), windowFuncs())
}
