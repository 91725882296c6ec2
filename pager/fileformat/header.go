package fileformat

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/zeebo/xxh3"
)

// Magic is the first 16 bytes of every database. Its control bytes show a file that went through
// a text conversion, its 'R' is the page kind of page 1.
const Magic = "RustLite db\r\n\x1a\n\x00"

// FormatVersion is the version that this code writes.
const FormatVersion = 1

// Feature bits that this code knows, by class. Unknown compatible bits are ignored, unknown
// read-only bits open the file read-only, unknown incompatible bits refuse it.
const (
	FeaturesCompatible   uint32 = 0
	FeaturesReadOnly     uint32 = 0
	FeaturesIncompatible uint32 = 0
)

// Offsets in the header page (section 4).
const (
	HeaderMagicOffset        = 0
	HeaderVersionOffset      = 16
	HeaderPageSizeOffset     = 20
	HeaderDatabaseIDOffset   = 24
	HeaderCompatibleOffset   = 40
	HeaderReadOnlyOffset     = 44
	HeaderIncompatibleOffset = 48
	HeaderReservedOffset     = 52
	HeaderFixedSumOffset     = 56
	HeaderFixedSize          = 64

	HeaderCommitOffset        = 64
	HeaderPageCountOffset     = 72
	HeaderFreeTrunkOffset     = 76
	HeaderFreeCountOffset     = 80
	HeaderSchemaCookieOffset  = 84
	HeaderUserVersionOffset   = 88
	HeaderApplicationIDOffset = 92
	HeaderLogIDOffset         = 96
	HeaderSize                = 104
)

// Errors of a header that is no damage of ours.
var (
	ErrNotADB      = errors.New("file is not a database")
	ErrNewerFormat = errors.New("database is of a newer format")
)

// DatabaseID is chosen at random when a database is created.
type DatabaseID [16]byte

// FixedHeader is the part of the header that never changes (F5).
type FixedHeader struct {
	Version      uint32
	PageSize     int
	ID           DatabaseID
	Compatible   uint32
	ReadOnly     uint32
	Incompatible uint32
}

// Header is the part of the header that commits change.
type Header struct {
	Commit        CommitNo // the commit that wrote this header
	PageCount     PageNo
	FreeTrunk     PageNo // first trunk page, 0 = none
	FreeCount     uint32 // number of free pages
	SchemaCookie  uint32
	UserVersion   int32
	ApplicationID int32
	LogID         uint64 // the live log, 0 = none: all pages are home
}

// PutFixedHeader writes the first 64 bytes of page 1.
func PutFixedHeader(page []byte, h FixedHeader) {
	le := binary.LittleEndian
	copy(page, Magic)
	le.PutUint32(page[HeaderVersionOffset:], h.Version)
	le.PutUint32(page[HeaderPageSizeOffset:], uint32(h.PageSize))
	copy(page[HeaderDatabaseIDOffset:], h.ID[:])
	le.PutUint32(page[HeaderCompatibleOffset:], h.Compatible)
	le.PutUint32(page[HeaderReadOnlyOffset:], h.ReadOnly)
	le.PutUint32(page[HeaderIncompatibleOffset:], h.Incompatible)
	le.PutUint32(page[HeaderReservedOffset:], 0)
	le.PutUint64(page[HeaderFixedSumOffset:], xxh3.Hash(page[:HeaderFixedSumOffset]))
}

// DecodeFixedHeader reads the first 64 bytes of a file. It answers ErrNotADB, ErrNewerFormat, or
// ErrCorrupt when the magic is ours and the checksum is not.
func DecodeFixedHeader(b []byte) (FixedHeader, error) {
	var h FixedHeader
	if len(b) < len(Magic) || string(b[:len(Magic)]) != Magic {
		return h, ErrNotADB
	}
	if len(b) < HeaderFixedSize {
		return h, Corrupt(1, len(b), "the file ends inside the header")
	}
	le := binary.LittleEndian
	if le.Uint64(b[HeaderFixedSumOffset:]) != xxh3.Hash(b[:HeaderFixedSumOffset]) {
		return h, Corrupt(1, HeaderFixedSumOffset, "checksum of the first 64 bytes")
	}
	h.Version = le.Uint32(b[HeaderVersionOffset:])
	h.PageSize = int(le.Uint32(b[HeaderPageSizeOffset:]))
	copy(h.ID[:], b[HeaderDatabaseIDOffset:])
	h.Compatible = le.Uint32(b[HeaderCompatibleOffset:])
	h.ReadOnly = le.Uint32(b[HeaderReadOnlyOffset:])
	h.Incompatible = le.Uint32(b[HeaderIncompatibleOffset:])
	if h.Version > FormatVersion {
		return h, fmt.Errorf("%w: version %d, this library reads up to %d", ErrNewerFormat, h.Version, FormatVersion)
	}
	if unknown := h.Incompatible &^ FeaturesIncompatible; unknown != 0 {
		return h, fmt.Errorf("%w: features %#x are not known to this library", ErrNewerFormat, unknown)
	}
	if h.Version == 0 {
		return h, Corrupt(1, HeaderVersionOffset, "format version 0")
	}
	if !ValidPageSize(h.PageSize) {
		return h, Corrupt(1, HeaderPageSizeOffset, fmt.Sprintf("page size %d", h.PageSize))
	}
	return h, nil
}

// PutHeader writes the changing part of page 1. Bytes that this version does not know stay.
func PutHeader(page []byte, h Header) {
	le := binary.LittleEndian
	le.PutUint64(page[HeaderCommitOffset:], uint64(h.Commit))
	le.PutUint32(page[HeaderPageCountOffset:], uint32(h.PageCount))
	le.PutUint32(page[HeaderFreeTrunkOffset:], uint32(h.FreeTrunk))
	le.PutUint32(page[HeaderFreeCountOffset:], h.FreeCount)
	le.PutUint32(page[HeaderSchemaCookieOffset:], h.SchemaCookie)
	le.PutUint32(page[HeaderUserVersionOffset:], uint32(h.UserVersion))
	le.PutUint32(page[HeaderApplicationIDOffset:], uint32(h.ApplicationID))
	le.PutUint64(page[HeaderLogIDOffset:], h.LogID)
}

// DecodeHeader reads the changing part of page 1, whose checksum the caller has verified.
func DecodeHeader(page []byte) (Header, error) {
	var h Header
	if len(page) < PageSizeMin {
		return h, Corrupt(1, len(page), "the header page is too short")
	}
	le := binary.LittleEndian
	h.Commit = CommitNo(le.Uint64(page[HeaderCommitOffset:]))
	h.PageCount = PageNo(le.Uint32(page[HeaderPageCountOffset:]))
	h.FreeTrunk = PageNo(le.Uint32(page[HeaderFreeTrunkOffset:]))
	h.FreeCount = le.Uint32(page[HeaderFreeCountOffset:])
	h.SchemaCookie = le.Uint32(page[HeaderSchemaCookieOffset:])
	h.UserVersion = int32(le.Uint32(page[HeaderUserVersionOffset:]))
	h.ApplicationID = int32(le.Uint32(page[HeaderApplicationIDOffset:]))
	h.LogID = le.Uint64(page[HeaderLogIDOffset:])
	switch {
	case h.PageCount == 0 || h.PageCount > PageNoMax:
		return h, Corrupt(1, HeaderPageCountOffset, fmt.Sprintf("page count %d", h.PageCount))
	case h.FreeTrunk > h.PageCount || h.FreeTrunk == 1:
		return h, Corrupt(1, HeaderFreeTrunkOffset, fmt.Sprintf("free list trunk at page %d of %d", h.FreeTrunk, h.PageCount))
	case h.FreeCount >= uint32(h.PageCount):
		return h, Corrupt(1, HeaderFreeCountOffset, fmt.Sprintf("%d free pages of %d", h.FreeCount, h.PageCount))
	}
	return h, nil
}
