package fileformat

// Limits of the format. docs/limits.md lists them; each has a test at the limit and one past it.
const (
	PageSizeMin     = 1024
	PageSizeMax     = 65536
	PageSizeDefault = 4096

	// PageNoMax is the highest page number: 16 TiB with pages of 4 KiB.
	PageNoMax PageNo = 0xffff_fffe

	// TreeDepthMax bounds the path of a cursor. The narrowest interior page of the smallest page
	// size holds four children, so 2^32 pages are 16 levels; the rest is slack for damage.
	TreeDepthMax = 24

	// PayloadBytesMax bounds one payload, and KeyBytesMax one byte key.
	PayloadBytesMax = 1 << 31
	KeyBytesMax     = 1 << 30

	// RecordColumnsMax bounds the columns of one record.
	RecordColumnsMax = 32767
)

// ValidPageSize says whether n is a power of two within the limits.
func ValidPageSize(n int) bool {
	return PageSizeMin <= n && n <= PageSizeMax && n&(n-1) == 0
}
