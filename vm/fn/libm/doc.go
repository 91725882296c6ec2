// Package libm computes the functions of mathematics to the last bit.
//
// Go's math package is off by one in the last place now and then; C's library,
// which answers in the reference, hardly ever for the exponential function,
// logarithms, powers and angles. Here these are computed as the sum of two
// floats (a pair), to about 100 bits, and rounded once: the result is the
// correctly rounded one but where the exact value lies within 2^-45 of the
// middle of two floats. The hyperbolic functions and log10 are less exact in C;
// they follow the formulas that C libraries share (fdlibm), so that they agree
// to the last bit as well.
//
// Words: a pair is a value as the sum of two floats, the first of which is the
// value rounded.
//
// Invariants:
//
//	L1  No result depends on whether the compiler fuses a multiplication and
//	    an addition: where it might, a conversion keeps them apart.
//	L2  The exact cases of math (infinities, NaN, zeros with their signs) are
//	    those of C.
//
// Start reading at pair, then Exp.
package libm
