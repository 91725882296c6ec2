package fileformat

// SegmentMagic is the first 8 bytes of a log segment.
const SegmentMagic = "RLDBlog\n"

// Offsets in the header of a log segment (section 9).
const (
	SegmentMagicOffset       = 0
	SegmentVersionOffset     = 8
	SegmentPageSizeOffset    = 12
	SegmentDatabaseIDOffset  = 16
	SegmentLogIDOffset       = 32
	SegmentNumberOffset      = 40
	SegmentReservedOffset    = 44
	SegmentSaltOffset        = 48
	SegmentFirstCommitOffset = 56
	SegmentSumOffset         = 120
	SegmentHeaderSize        = 128
)

// BatchMagic begins every batch: "Btch", read little-endian.
const BatchMagic uint32 = 0x68637442

// Offsets in the header of a batch (section 10). A batch ends in its checksum.
const (
	BatchMagicOffset         = 0
	BatchKindOffset          = 4
	BatchReserved1Offset     = 5
	BatchCommitOffset        = 8
	BatchSizeOffset          = 16
	BatchEntriesOffset       = 24
	BatchOldestOffset        = 28
	BatchSyncedSegmentOffset = 32
	BatchNextOffset          = 36
	BatchSyncedOffsetOffset  = 40
	BatchLinkOffset          = 48
	BatchHeaderSumOffset     = 56
	BatchHeaderSize          = 64
	BatchSumSize             = 8
	BatchAlign               = 8
)

// BatchKind is what a batch stands for.
type BatchKind uint8

// The kinds of batches.
const (
	BatchCommit BatchKind = 1 // one commit: its pages
	BatchMark   BatchKind = 2 // no commit: says which segments are still needed
)

// Offsets in the head of an entry (section 11).
const (
	EntryKindOffset   = 0
	EntryFlagsOffset  = 1
	EntryRangesOffset = 2
	EntryPageOffset   = 4
	EntrySizeOffset   = 8
	EntrySumOffset    = 12
	EntryBaseOffset   = 16
	EntryHeaderSize   = 24

	// RangeHeaderSize is the head of one changed range of a delta: offset and length.
	RangeHeaderSize = 4
)

// EntryKind is what an entry of a batch stands for.
type EntryKind uint8

// The kinds of entries. The reserved ones have numbers so that nobody else takes them.
const (
	EntryImage       EntryKind = 1 // a whole page
	EntryDelta       EntryKind = 2 // changed ranges of a page
	EntryLogical     EntryKind = 3 // reserved
	EntryNewPageHome EntryKind = 4 // a new page, written home and synced before this commit
	EntryPrepared    EntryKind = 5 // reserved: commit over several files
	EntryCoordinator EntryKind = 6 // reserved: commit over several files
	EntryCounter     EntryKind = 7 // the counter of a page
)

// Names of the files beside a database.
const (
	LogSuffix             = "-log"     // and the slot's number
	LockSuffix            = "-lock"    // section 13
	RollbackJournalSuffix = "-journal" // reserved, section 12
)

// LockMagic is the first 8 bytes of the lock file.
const LockMagic = "RLDBlck\n"

// Offsets in the lock file (section 13).
const (
	LockMagicOffset     = 0
	LockVersionOffset   = 8
	LockProcessIDOffset = 12
	LockReservedOffset  = 16
	LockSlotsOffset     = 64
	LockSlotSize        = 16
	LockSlotCount       = 126
	LockFileSize        = 2080
)
